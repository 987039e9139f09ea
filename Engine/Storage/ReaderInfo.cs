namespace Engine.Storage;

/// <summary>One claimed reader slot, for people who look at a live database.</summary>
/// <param name="Slot">The index of the slot.</param>
/// <param name="ProcessId">The process that owns it; 0 if the owner is not registered (any more).</param>
/// <param name="Liveness">Whether that process runs.</param>
/// <param name="TransactionId">The pinned id; 0 if it is claimed but pins nothing yet.</param>
/// <param name="IsOwn">Whether it was claimed through the lock file object that reports it.</param>
internal readonly record struct ReaderInfo(
    int Slot, int ProcessId, ProcessLiveness Liveness, ulong TransactionId, bool IsOwn);
