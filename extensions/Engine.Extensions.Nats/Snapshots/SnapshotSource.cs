namespace Engine.Extensions.Nats.Snapshots;

/// <summary>A state that a snapshot may be taken of.</summary>
/// <param name="Snapshot">The state; whoever gets it disposes it.</param>
/// <param name="Sequence">The last message of the log that is in it.</param>
/// <param name="Progress">How far a feed is in it; null where the state says so itself.</param>
internal sealed record SnapshotSource(Snapshot Snapshot, ulong Sequence, string? Progress) : IDisposable
{
    public void Dispose() => Snapshot.Dispose();
}
