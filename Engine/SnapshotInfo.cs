namespace Engine;

/// <summary>A named snapshot, as <see cref="Database.ListSnapshots"/> tells of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="TransactionId">The id of the transaction whose state it keeps.</param>
/// <param name="CreatedAt">When the state was given the name; of a consumer, when it moved last.</param>
/// <param name="Kind">What it is for.</param>
public sealed record SnapshotInfo(string Name, ulong TransactionId, DateTimeOffset CreatedAt, SnapshotKind Kind);
