namespace Engine.Storage;

/// <summary>One registered process, for people who look at a live database.</summary>
/// <param name="ProcessId">Its number.</param>
/// <param name="IsOurNamespace">Whether that number means anything here: false for a process of another container.</param>
/// <param name="Liveness">Whether it runs.</param>
/// <param name="IsWriter">Whether it has the database open for writing.</param>
/// <param name="IsOwn">Whether it registered through the lock file object that reports it.</param>
internal readonly record struct ProcessInfo(
    int ProcessId, bool IsOurNamespace, ProcessLiveness Liveness, bool IsWriter, bool IsOwn);
