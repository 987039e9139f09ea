namespace Engine.Extensions.Nats;

/// <content>Digests, by which nodes are compared.</content>
public sealed partial class Replica
{
    /// <summary>
    /// Digests of all trees of the newest state that was applied here. Reads the whole database, on a thread of the
    /// pool. To compare nodes at one sequence while they are written to, use <see cref="ReplicaInspector"/>.
    /// </summary>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<DigestReport> ComputeDigestAsync(CancellationToken cancellationToken = default) => Task.Run(
        () =>
        {
            using var snapshot = OpenSnapshot();
            return _responder.NewDigest(snapshot, _keeper.ProgressOf(snapshot), cancellationToken);
        },
        cancellationToken);
}
