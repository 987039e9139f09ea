using System.Globalization;
using Engine.Extensions.Nats.State;

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
            return NewDigest(snapshot, ProgressOf(snapshot), cancellationToken);
        },
        cancellationToken);

    private DigestReport NewDigest(Snapshot snapshot, Progress progress, CancellationToken cancellationToken) =>
        TreeDigest.Report(_options.NodeName, _stream.Identity.Id, snapshot, progress, cancellationToken);

    private NodeReport NewReport()
    {
        var status = Status;
        return new NodeReport
        {
            Node = status.Node,
            LogId = status.LogId,
            AppliedSequence = status.AppliedSequence,
            LastSequence = status.LastSequence,
            State = status.State,
            Trouble = status.Trouble?.Message,
            History = status.History.ToString("x32", CultureInfo.InvariantCulture),
            SnapshotSequence = SnapshotSequence,
        };
    }
}
