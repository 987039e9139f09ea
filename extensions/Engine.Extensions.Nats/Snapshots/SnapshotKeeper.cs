using Engine.Extensions.Nats.Coordination;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.Sharding;

namespace Engine.Extensions.Nats.Snapshots;

/// <summary>
/// Sees to it that there is a snapshot that is new enough, and lets the messages go that are in it. All nodes look
/// after it; the one that gets the lease does it. Two that both believe to have the lease do each other no harm: a
/// snapshot counts when its record is written, on condition that no other one was, and the log is cut behind a
/// recorded one only.
/// </summary>
internal sealed class SnapshotKeeper(
    LogStream stream, SnapshotStore store, ReplicaOptions options, Func<SnapshotSource> open)
{
    private readonly Lease _lease = new(
        store.Bucket, "snapshotter", options.NodeName, options.LeaseDuration);

    /// <summary>The newest snapshot that is known of; 0 if none is.</summary>
    public ulong LastSnapshot { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var pause = options.SnapshotInterval * (0.75 + (Random.Shared.NextDouble() / 2));
                await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
                try
                {
                    await KeepAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (IsPassing(e) && !cancellationToken.IsCancellationRequested)
                {
                    // The next time, or another node.
                }
            }
        }
        catch (Exception e) when (Failures.IsEnd(e, cancellationToken))
        {
            // The replica is being closed.
        }
    }

    /// <summary>Takes a snapshot now, whether one is due or not; false if another node is at it.</summary>
    public async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        var grip = await _lease.TryAcquireAsync(cancellationToken).ConfigureAwait(false);
        if (grip is null)
        {
            return false;
        }

        await using (grip.ConfigureAwait(false))
        {
            using var held = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, grip.Lost);
            var (previous, revision) = await store.FindAsync(held.Token).ConfigureAwait(false);
            SnapshotRecord record;
            using (var source = open())
            {
                if (source.Sequence <= (previous?.Sequence ?? 0))
                {
                    return true;
                }

                record = await store.PutAsync(source, options.SnapshotCompression, held.Token).ConfigureAwait(false);
            }

            if (options.VerifySnapshots)
            {
                await store.VerifyAsync(record, held.Token).ConfigureAwait(false);
            }

            if (!await store.TryRecordAsync(record, revision, held.Token).ConfigureAwait(false))
            {
                return false;
            }

            LastSnapshot = record.Sequence;
            ReplicaMeter.Snapshots.Add(1);
            await CutAsync(record, held.Token).ConfigureAwait(false);
            await store.DeleteOlderAsync(record, previous, grip, held.Token).ConfigureAwait(false);
            return true;
        }
    }

    private static bool IsPassing(Exception e) =>
        e is ReplicaException or DatabaseException or ObjectDisposedException or BackupException
        || Failures.IsOfNetwork(e);

    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        var (record, _) = await store.FindAsync(cancellationToken).ConfigureAwait(false);
        var last = record?.Sequence ?? 0;
        LastSnapshot = last;
        var state = await stream.GetStateAsync(cancellationToken).ConfigureAwait(false);
        if (state.LastSeq <= last)
        {
            return;
        }

        var messages = state.LastSeq - last;
        var bytes = state.Messages == 0 ? 0 : state.Bytes / (double)state.Messages * messages;

        // Without one that the log goes on from, nobody could begin: a log may have lost more than was cut.
        var isUnreached = state.FirstSeq > last + 1;
        if (isUnreached || messages >= options.SnapshotAfterMessages || bytes >= options.SnapshotAfterBytes)
        {
            using var slot = await NodeSlots.EnterAsync(options.Shared?.Snapshots, cancellationToken)
                .ConfigureAwait(false);
            await TryTakeAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task CutAsync(SnapshotRecord record, CancellationToken cancellationToken)
    {
        if (record.Sequence > options.KeptMessages)
        {
            await stream.PurgeAsync(record.Sequence + 1 - options.KeptMessages, cancellationToken)
                .ConfigureAwait(false);
        }
    }
}
