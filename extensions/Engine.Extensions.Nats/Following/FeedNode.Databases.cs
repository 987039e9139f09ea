using Engine.Extensions.Nats.Following;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.Snapshots;

namespace Engine.Extensions.Nats;

/// <content>The databases of a node: the one that it writes to, and those that users read.</content>
public sealed partial class FeedNode
{
    /// <summary>Begins with what is durable, after something has failed.</summary>
    private async Task ReopenAsync(CancellationToken cancellationToken)
    {
        await CloseAsync(_writer).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        var path = _writer.Path;
        _writer = Database.Open(path, _options.Database);
        _state = FeedTrees.TryRead(_writer)
            ?? throw new ReplicaHistoryException("The database does not say any more which feed it follows.");
        _progress = new FeedProgressBox(_state.Progress);
    }

    /// <summary>
    /// Puts a database that the stream goes on from in the place of one that it does not; that one is kept if it has
    /// commits which are nowhere else.
    /// </summary>
    private async Task StartAnewAsync(bool isDiverged, CancellationToken cancellationToken)
    {
        var opening = new FeedOpening(_stream, _store, _directory, _options) { SetAside = TellOfSetAside };
        if (isDiverged || _state.HasLed)
        {
            // It may get another name, and nobody can have a file open then on every system.
            await _database.DisposeAsync().ConfigureAwait(false);
        }

        if (isDiverged)
        {
            opening.PutAside(_writer);
        }

        await CloseAsync(_writer).ConfigureAwait(false);
        var backoff = new Backoff(_options);
        while (true)
        {
            try
            {
                (_writer, _state) = await opening.PrepareAsync(cancellationToken).ConfigureAwait(false);
                break;
            }
            catch (Exception e) when (IsPassing(e) || e is SnapshotUnavailableException)
            {
                // Other nodes see, too, that there is no snapshot that the stream goes on from.
                _trouble = e;
                await backoff.Wait(cancellationToken).ConfigureAwait(false);
            }
        }

        _trouble = null;
        _progress = new FeedProgressBox(_state.Progress);
        TakeRole(OpenReader(), isPrimary: false);
    }

    private void TellOfSetAside(CommitsSetAsideEventArgs aside)
    {
        _setAside = _directory.ListSetAside();
        _state = _state with { HasLed = false };
        CommitsSetAside?.Invoke(this, aside);
    }

    private Database OpenReader()
    {
        var given = _options.Database;
        return Database.Open(_writer.Path, new DatabaseOptions
        {
            ReadOnly = true,
            Name = given.Name,
            ReadAhead = given.ReadAhead,
            GuardedReads = given.GuardedReads,
            TrackTransactions = given.TrackTransactions,
            MeterFactory = given.MeterFactory,
            TimeProvider = given.TimeProvider,
        });
    }

    private void Retire(Database database)
    {
        lock (_lock)
        {
            _retired.RemoveAll(static task => task.IsCompleted);
            _retired.Add(RetireAsync(database));
        }
    }

    private async Task RetireAsync(Database database)
    {
        try
        {
            await Task.Delay(_options.RetireDelay, _closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The node is being closed, and this one with it.
        }

        await database.DisposeAsync().ConfigureAwait(false);
        _directory.DeleteOld(isOpening: false);
    }

    /// <summary>The newest state that the stream has, for a snapshot.</summary>
    private SnapshotSource OpenSource()
    {
        if (_publisher is { } publisher)
        {
            return publisher.OpenPublished() is var (snapshot, progress)
                ? new SnapshotSource(snapshot, progress.Log.Applied, progress.ToString())
                : throw new NotPrimaryException("Nothing was published yet that a snapshot could be taken of.");
        }

        var writer = _writer;
        var newest = writer.OpenSnapshot();
        try
        {
            using var read = newest.BeginRead();
            return FeedTrees.TryRead(read) is { HasLed: false } state
                ? new SnapshotSource(newest, state.Progress.Log.Applied, state.Progress.ToString())
                : throw new NotPrimaryException(
                    "This node may have commits that are not published, so it takes no snapshot.");
        }
        catch
        {
            newest.Dispose();
            throw;
        }
    }
}
