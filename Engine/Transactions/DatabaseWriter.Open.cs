using Engine.Pages;
using Engine.Space;
using Engine.Storage;

namespace Engine.Transactions;

/// <content>Opening for writing: recovery, and the replay of the space log.</content>
internal sealed partial class DatabaseWriter
{
    /// <summary>Recovers the newest state and publishes it.</summary>
    /// <param name="core">The database; its lock file and its file are open for writing.</param>
    /// <param name="session">The file.</param>
    /// <param name="growth">Its length.</param>
    /// <param name="isNew">Whether it was made just now.</param>
    public static DatabaseWriter Open(DatabaseCore core, SessionFile session, FileGrowth growth, bool isNew)
    {
        // What the lock file knows stays there until a state stands: an opening that is refused leaves it, and the next
        // one is refused, too.
        var recovered = Choose(core, isNew);
        core.LockFile.SweepAtOpening();
        var pins = new ulong[64];
        CollectPins(core.LockFile.Readers, ref pins, out var count);
        RequireNonePinnedAbove(recovered.Meta.Id, pins.AsSpan(0, count), core.Name);

        // Before anything is written: a file whose log cannot be read is left as it is. And by the id that the state
        // was found under, which is what the log was written for.
        var buffer = new byte[core.PageSize];
        var space = SpaceManager.Open(
            recovered.Meta,
            core.PageSize,
            page =>
            {
                session.Read((long)page * core.PageSize, buffer);
                return buffer;
            },
            pins.AsSpan(0, count),
            core.Options.Space);
        var found = core.Maps.Covering((long)recovered.Meta.PageCount * core.PageSize);
        core.RequireKnownAttributes(recovered.Meta, found);
        core.VerifiedPages.Ensure(recovered.Meta.PageCount);
        var unfinished = ListUnfinishedNames(core, recovered.Meta, found);
        var (meta, slot, highestId) = (recovered.Meta, recovered.Slot, recovered.HighestId);
        if (!isNew && !recovered.IsAsClosed)
        {
            (meta, slot, highestId) = (Mend(core, recovered), 1 - slot, 0);
            space.AddPin(meta.Id);
        }

        var nextId = NextTransactionId(Math.Max(meta.Id, highestId), core.Name);
        core.LockFile.FlushMark = false;
        var map = core.Maps.Covering((long)meta.PageCount * core.PageSize);
        var state = PublishedState.From(meta, map, meta.Id, unfinished);
        var writer = new DatabaseWriter(core, session, growth, space, state, meta, slot)
        {
            RecoveryReport = recovered.Report,
            _isSettled = recovered.IsAsClosed,
            _nextId = nextId,
            _pins = pins,
        };
        try
        {
            core.Accept(state);
            core.Publish(state);
            core.LockFile.PublishedId = meta.Id;
            writer.PrepareToSettle();
            return writer;
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    private static UnfinishedName[] ListUnfinishedNames(DatabaseCore core, Meta meta, MapGeneration map)
    {
        if (!meta.HasNames)
        {
            return [];
        }

        var state = PublishedState.From(meta, map, meta.Id, []);
        var source = new PageSource(core.PageSize);
        state.Attach(source, core.VerifiedPages, dirty: null);
        return SnapshotNames.ListUnfinished(source, state);
    }

    private static void RequireNonePinnedAbove(ulong id, ReadOnlySpan<ulong> pins, string name)
    {
        foreach (var pin in pins)
        {
            if (pin > id)
            {
                throw new DatabaseBusyException(
                    $"Another process still reads transaction {pin} of '{name}', which is newer than the recovered "
                    + $"transaction {id}. End that process, then open the database again.");
            }
        }
    }

    private static RecoveredState Choose(DatabaseCore core, bool isNew)
    {
        var last = core.AskLockFile();
        if (last.WasClosed)
        {
            var closed = Recovery.Choose(core.File, core.Name, last);
            if (closed.WasClosed)
            {
                return closed;
            }
        }

        if (!isNew)
        {
            core.File.DropCache();
        }

        return Recovery.Choose(core.File, core.Name, last);
    }

    /// <summary>
    /// After anything but an orderly close: makes the recovered state durable, and gives it a new id above all that the
    /// last session can have handed out. Ids that were shown must not come back with another content, and a crash hides
    /// some of them: deferred commits are named by no meta, and a torn meta does not tell its id.
    /// </summary>
    /// <returns>The meta that stands for the recovered state from now on, in the other slot.</returns>
    private static Meta Mend(DatabaseCore core, RecoveredState recovered)
    {
        var reach = core.Options.IdReach;
        var limit = Meta.MaxId - reach - reach;
        var highest = recovered.HighestId;
        if (highest > limit)
        {
            throw ImpossibleId(highest, core.Name);
        }

        if (recovered.Report?.ClosedTransactionId is { } closed && closed <= limit)
        {
            // An older copy in the place of what was closed: these ids were handed out, too.
            highest = Math.Max(highest, closed);
        }

        try
        {
            core.LockFile.FlushMark = true;
            if (recovered.IsNewest && !recovered.WasClosed)
            {
                Recovery.WriteAgain(core.File, recovered);
            }

            var meta = Recovery.WriteReissued(core.File, recovered, Math.Max(recovered.Meta.Id + reach, highest + 1));
            if (!recovered.WasClosed)
            {
                // Whoever created the file may have died, or failed, between renaming it and making the name durable.
                core.Storage.FlushDirectory();
            }

            return meta;
        }
        catch (StorageWriteException e)
        {
            throw new DatabaseAccessException(
                $"Recovery of '{core.Name}' could not write: {e.Message} Nothing was lost; mend the cause and open it "
                + "again.",
                e);
        }
    }
}
