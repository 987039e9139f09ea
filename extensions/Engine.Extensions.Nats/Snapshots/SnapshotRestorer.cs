using System.Diagnostics;
using Engine.Extensions.Nats.Log;
using NATS.Client.ObjectStore;

namespace Engine.Extensions.Nats.Snapshots;

/// <summary>Makes a database of the newest snapshot, whatever becomes of servers and snapshots meanwhile.</summary>
internal static class SnapshotRestorer
{
    private const int Attempts = 5;

    public static async Task<SnapshotRecord?> FindRecordAsync(
        LogStream stream, SnapshotStore store, CancellationToken cancellationToken)
    {
        try
        {
            var (record, _) = await store.FindAsync(cancellationToken).ConfigureAwait(false);
            return record;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
        {
            throw Failures.Translate(stream.Connection, "Looking for a snapshot", e);
        }
    }

    /// <returns>What was restored; the log goes on from there.</returns>
    /// <exception cref="SnapshotUnavailableException">There is none that the log goes on from.</exception>
    public static async Task<SnapshotRecord> RestoreAsync(
        LogStream stream, SnapshotStore store, string path, ReplicaOptions options, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            var record = await FindRecordAsync(stream, store, cancellationToken).ConfigureAwait(false);
            var state = await stream.GetStateAsync(cancellationToken).ConfigureAwait(false);
            if (record is null || record.Sequence + 1 < state.FirstSeq)
            {
                if (Stopwatch.GetElapsedTime(begun) < options.StalePatience)
                {
                    // Whoever answered may not have known the newest one yet; one that is cut off does not for long.
                    attempt = 0;
                    await Task.Delay(options.MaxBackoff, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                throw new SnapshotUnavailableException(
                    $"The log begins with message {state.FirstSeq}, and "
                    + (record is null ? "there is no snapshot" : $"the newest snapshot ends with {record.Sequence}")
                    + ": nodes that are complete take snapshots; start one of them, or have it take one.");
            }

            try
            {
                await store.RestoreAsync(record, path, cancellationToken).ConfigureAwait(false);
                ReplicaMeter.Bootstraps.Add(1);
                return record;
            }
            catch (Exception e) when (attempt < Attempts
                && !cancellationToken.IsCancellationRequested
                && (e is NatsObjException or BackupException || Failures.IsOfNetwork(e)))
            {
                // A newer one may have taken its place, or a server gone; not the whole of it was there.
                await Task.Delay(options.MaxBackoff, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
            {
                throw Failures.Translate(stream.Connection, "Fetching a snapshot", e);
            }
        }
    }
}
