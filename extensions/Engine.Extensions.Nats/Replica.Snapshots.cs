using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.Snapshots;
using Engine.Extensions.Nats.State;

namespace Engine.Extensions.Nats;

/// <content>Snapshots: taking them, and starting from one.</content>
public sealed partial class Replica
{
    /// <summary>
    /// Sequence of the newest snapshot that is known here; 0 if there is none. Does not ask the server.
    /// </summary>
    public ulong SnapshotSequence => _keeper.LastSnapshot;

    /// <summary>
    /// Takes a snapshot now, and cuts the log behind it. There is no need to: nodes do it among themselves
    /// (<see cref="ReplicaOptions.SnapshotAfterMessages"/>).
    /// </summary>
    /// <param name="cancellationToken">Ends it; what was stored so far is deleted with the next one.</param>
    /// <returns>False if another node is at it, or was a moment ago.</returns>
    /// <exception cref="ReplicaException">The server cannot be asked.</exception>
    public async Task<bool> TakeSnapshotAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        try
        {
            return await _keeper.TryTakeAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
        {
            throw Failures.Translate(_stream.Connection, "Taking a snapshot", e);
        }
    }

    /// <summary>The directory's database, if the log still goes on from it; otherwise one made of a snapshot.</summary>
    private static async Task<(Database Database, Progress Progress)> PrepareAsync(
        LogStream stream,
        SnapshotStore store,
        ReplicaDirectory directory,
        ReplicaOptions options,
        CancellationToken cancellationToken)
    {
        var state = await stream.GetStateAsync(cancellationToken).ConfigureAwait(false);
        if (directory.HasDatabase)
        {
            var database = OpenDatabase(directory.Current, options, stream.Identity, out var progress);
            try
            {
                await HistoryCheck.RequireSameAsync(
                    stream, progress.Applied, progress.LastMessage, options, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                database.Dispose();
                throw;
            }

            if (state.FirstSeq <= progress.Applied + 1)
            {
                return (database, progress);
            }

            database.Dispose();
        }
        else if (state.FirstSeq <= 1
            && await SnapshotRestorer.FindRecordAsync(stream, store, cancellationToken).ConfigureAwait(false) is null)
        {
            return (OpenDatabase(directory.Current, options, stream.Identity, out var progress), progress);
        }

        return await RestoreAsync(stream, store, directory, options, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<(Database Database, Progress Progress)> RestoreAsync(
        LogStream stream,
        SnapshotStore store,
        ReplicaDirectory directory,
        ReplicaOptions options,
        CancellationToken cancellationToken)
    {
        var path = directory.Next;
        var record = await SnapshotRestorer.RestoreAsync(stream, store, path, options, cancellationToken)
            .ConfigureAwait(false);
        var database = OpenDatabase(path, options, stream.Identity, out var progress);
        if (progress.Applied == record.Sequence)
        {
            return (database, progress);
        }

        await database.DisposeAsync().ConfigureAwait(false);
        throw new ReplicaHistoryException(
            $"The snapshot {record.Object} ends with message {progress.Applied}. Take a new one.");
    }

    /// <summary>Puts a database made of a snapshot in the place of the one that fell behind.</summary>
    private async Task StartAnewAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(_options);
        while (true)
        {
            try
            {
                var (database, progress) = await RestoreAsync(_stream, _store, _directory, _options, cancellationToken)
                    .ConfigureAwait(false);
                var old = _database;
                _publisher.Skip(WriterTable.LastOf(database, _publisher.Writer));
                Follow(database, progress);
                lock (_retired)
                {
                    _retired.Add(RetireAsync(old));
                }

                return;
            }
            catch (Exception e) when (e is NoServerException or NoQuorumException or DatabaseFullException
                or SnapshotUnavailableException)
            {
                _restoreTrouble = e;
                await backoff.Wait(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _restoreTrouble = null;
            }
        }
    }

    /// <summary>The newest state, for a snapshot.</summary>
    private SnapshotSource OpenSource()
    {
        var snapshot = OpenSnapshot();
        try
        {
            return new SnapshotSource(snapshot, ProgressOf(snapshot).Applied, Progress: null);
        }
        catch
        {
            snapshot.Dispose();
            throw;
        }
    }

    private static Progress ProgressOf(Snapshot snapshot)
    {
        using var read = snapshot.BeginRead();
        return StateTrees.TryRead(read, out _, out var progress)
            ? progress
            : throw new ReplicaHistoryException("The database does not say any more which log it follows.");
    }

    private async Task RetireAsync(Database database)
    {
        try
        {
            await Task.Delay(_options.RetireDelay, _closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The replica is being closed, and this one with it.
        }

        await database.DisposeAsync().ConfigureAwait(false);
        _directory.DeleteOld(isOpening: false);
    }
}
