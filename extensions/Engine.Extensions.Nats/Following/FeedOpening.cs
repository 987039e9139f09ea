using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.Snapshots;
using Engine.Extensions.Nats.State;

namespace Engine.Extensions.Nats.Following;

/// <summary>
/// Opens the database of a node's directory, or makes one of a snapshot, so that the stream goes on from it.
/// </summary>
internal sealed class FeedOpening(
    LogStream stream, SnapshotStore store, ReplicaDirectory directory, FeedNodeOptions options)
{
    /// <summary>Told when a database was set aside.</summary>
    public Action<CommitsSetAsideEventArgs>? SetAside { get; init; }

    /// <summary>
    /// The directory's database, if the stream still goes on from it; otherwise one made of a snapshot.
    /// </summary>
    public async Task<(Database Database, FeedState State)> PrepareAsync(CancellationToken cancellationToken)
    {
        var state = await stream.GetStateAsync(cancellationToken).ConfigureAwait(false);
        if (directory.HasDatabase)
        {
            var database = Database.Open(directory.Current, options.Database);
            try
            {
                if (await CheckAsync(database, state.FirstSeq, state.LastSeq, cancellationToken).ConfigureAwait(false)
                    is { } opened)
                {
                    return (database, opened);
                }

                return await RestoreAsync(database, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                await database.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }

        if (state.FirstSeq <= 1
            && await SnapshotRestorer.FindRecordAsync(stream, store, cancellationToken).ConfigureAwait(false) is null)
        {
            var database = Database.Open(directory.Current, options.Database);
            try
            {
                RequireUsable(database, state.LastSeq);
                return (database, Begin(database));
            }
            catch
            {
                await database.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }

        return await RestoreAsync(null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Sets a database aside that has commits which are in no history but their own, and closes it.
    /// </summary>
    public void PutAside(Database database)
    {
        var state = FeedTrees.TryRead(database)!;
        using var published = FeedTrees.TryOpen(database, FeedTrees.Published);
        var publishedId = published?.TransactionId ?? 0;
        var last = database.GetStatistics().TransactionId;
        var path = database.Path;
        published?.Dispose();
        database.Dispose();
        var target = directory.SetAside(path, state.Progress.Epoch);
        ReplicaMeter.SetAside.Add(1);
        SetAside?.Invoke(new CommitsSetAsideEventArgs(target, state.Progress.Epoch, publishedId, last));
    }

    /// <returns>What the database says; null if the stream does not go on from it.</returns>
    private async Task<FeedState?> CheckAsync(
        Database database, ulong first, ulong last, CancellationToken cancellationToken)
    {
        if (FeedTrees.TryRead(database) is not { } state)
        {
            RequireUsable(database, last);
            return first <= 1 ? Begin(database) : null;
        }

        if (state.Feed.Id != stream.Identity.Id)
        {
            throw new StreamMismatchException(
                $"The database {database.Path} follows the feed {state.Feed.Id}, and the stream {stream.Names.Stream} "
                + $"is the feed {stream.Identity.Id}. Correct the name or the servers, or move the directory away.");
        }

        await HistoryCheck.RequireSameAsync(
            stream, state.Progress.Log.Applied, state.Progress.Log.LastMessage, options, cancellationToken)
            .ConfigureAwait(false);
        if (first <= state.Progress.Log.Applied + 1)
        {
            return EndIfAllIsPublished(database, state);
        }

        return state.HasLed
            ? await FindInSnapshotAsync(database, state, first, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>Whether a database that follows nothing yet may follow the stream.</summary>
    private void RequireUsable(Database database, ulong last)
    {
        if (!IsEmpty(database) && last > 0)
        {
            throw new StreamMismatchException(
                $"The database {database.Path} has entries, and the stream {stream.Names.Stream} is not empty: only "
                + "the first primary may bring a database along. Give the node another directory.");
        }

        if (database.PageSize != stream.Identity.PageSize)
        {
            throw new StreamMismatchException(
                $"The databases of this feed have pages of {stream.Identity.PageSize} bytes, and {database.Path} has "
                + $"{database.PageSize}. Set DatabaseOptions.PageSize, and begin with an empty directory.");
        }
    }

    /// <summary>Makes a database one that follows the stream from its beginning.</summary>
    private FeedState Begin(Database database)
    {
        var isEmpty = IsEmpty(database);
        FeedTrees.Create(database, stream.Identity, default);
        if (!isEmpty)
        {
            // What it has is not published; as no state has the name of a published one, all of it will be.
            database.Write(tx => FeedTrees.BeginToLead(tx));
        }

        return FeedTrees.TryRead(database)!;
    }

    private static bool IsEmpty(Database database) =>
        database.Read(static read => read.Main.Count == 0 && read.GetTreeNames().Count == 0);

    /// <summary>A former primary that has nothing to itself is a follower like the others.</summary>
    private static FeedState EndIfAllIsPublished(Database database, FeedState state)
    {
        using var sending = FeedTrees.TryOpen(database, FeedTrees.Sending);
        if (!state.HasLed || sending is not null || FeedTrees.HasUnpublished(database))
        {
            return state;
        }

        database.Write(tx => FeedTrees.EndToLead(tx));
        return state with { HasLed = false };
    }

    /// <summary>
    /// A former primary whose last messages are gone from the stream: the newest snapshot may be the very state that
    /// it had published.
    /// </summary>
    private async Task<FeedState?> FindInSnapshotAsync(
        Database database, FeedState state, ulong first, CancellationToken cancellationToken)
    {
        var record = await SnapshotRestorer.FindRecordAsync(stream, store, cancellationToken).ConfigureAwait(false);
        if (record?.Progress is null)
        {
            return null;
        }

        var progress = ReadProgress(record);
        using var published = FeedTrees.TryOpen(database, FeedTrees.Published);
        using var sending = FeedTrees.TryOpen(database, FeedTrees.Sending);
        var same = new[] { published, sending }.FirstOrDefault(one => one?.TransactionId == progress.StateId);
        if (same is null || progress.Epoch != state.Progress.Epoch || first > progress.Log.Applied + 1)
        {
            return null;
        }

        database.Write(
            tx =>
            {
                FeedTrees.NameStates(tx, same, null);
                FeedTrees.WriteProgress(tx, progress);
            },
            cancellationToken: cancellationToken);
        return EndIfAllIsPublished(database, state with { Progress = progress });
    }

    /// <summary>Makes a database of a snapshot, and closes the one that it takes the place of.</summary>
    private async Task<(Database Database, FeedState State)> RestoreAsync(
        Database? before, CancellationToken cancellationToken)
    {
        // It gets its name when it says how far it is; until then it is swept like a restoration that was interrupted.
        var path = directory.Next;
        var unfinished = path + ReplicaDirectory.Unfinished;
        ReplicaDirectory.DeleteUnfinished(unfinished);
        var record = await SnapshotRestorer.RestoreAsync(stream, store, unfinished, options, cancellationToken)
            .ConfigureAwait(false);
        using (var restored = Database.Open(unfinished, options.Database))
        {
            FeedTrees.Create(restored, stream.Identity, ReadProgress(record));
            if (before is not null)
            {
                PutAsideIfNeeded(before, restored);
            }
        }

        File.Move(unfinished, path);
        ReplicaDirectory.DeleteUnfinished(unfinished);
        var database = Database.Open(path, options.Database);
        return (database, FeedTrees.TryRead(database)!);
    }

    /// <summary>
    /// Sets a database aside that has commits which are not in the history that goes on, as far as that one knows, and
    /// closes it in any case.
    /// </summary>
    private void PutAsideIfNeeded(Database before, Database restored)
    {
        if (FeedTrees.TryRead(before) is { HasLed: true } state)
        {
            if (FeedTrees.TryReadEnd(restored, state.Progress.Epoch) is { } end)
            {
                FeedTrees.TryNameSent(before, end);
            }

            if (FeedTrees.HasUnpublished(before))
            {
                PutAside(before);
            }
        }

        before.Dispose();
    }

    private static FeedProgress ReadProgress(SnapshotRecord record) =>
        FeedProgress.Read(Convert.FromBase64String(record.Progress ?? throw new StreamMismatchException(
            $"The snapshot {record.Object} is none of a feed. Give the node another name.")));
}
