namespace Engine;

/// <summary>What a named snapshot, or a consumer of changes, costs.</summary>
/// <param name="Snapshot">Which one.</param>
/// <param name="PagesAlone">
/// Pages that nothing but its state keeps from being reused: neither the newest state, nor another named one, nor a
/// reader. Names of one state share them: what the last of them gives free.
/// </param>
/// <param name="BytesAlone">The same in bytes.</param>
public sealed record SnapshotUsage(SnapshotInfo Snapshot, long PagesAlone, long BytesAlone);
