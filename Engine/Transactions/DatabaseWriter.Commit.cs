using System.Diagnostics;
using Engine.Pages;
using Engine.Space;
using Engine.Storage;

namespace Engine.Transactions;

/// <content>
/// One commit, from the first dirty page to the last page that it releases, in the order in which docs/design.md lists
/// the steps. Until the meta is written nothing refers to what was written, and a failure aborts the transaction and
/// loses nothing; from then on a failure leaves the outcome unknown, and poisons the database.
/// </content>
internal sealed partial class DatabaseWriter
{
    /// <summary>So many commits are made between looks for what dead processes left.</summary>
    internal const int CommitsBetweenSweeps = 256;

    /// <summary>Verified commits are small: recovery reads their pages again.</summary>
    private const ulong MaxVerifiedPages = RunList.MaxRuns;

    private const string Aborted = "The transaction was aborted.";

    /// <summary>The meta of D, or after a failure the one that may have taken its place.</summary>
    private byte[] _metaBlock = new byte[PageLayout.BlockSize];

    /// <summary>One that no flight has.</summary>
    private byte[]? _spareBlock;

    private int _commitsSinceSweep;

    /// <summary>
    /// Commits the transaction, leaves it and opens the gate, whatever happens. The caller has entered it. When this
    /// returns the commit's promise is met: durable, or (deferred) visible.
    /// </summary>
    /// <param name="isDeferred">Whether visible is enough.</param>
    /// <param name="cancellationToken">
    /// Aborts the transaction, until something of it would be irrevocable: the meta is about to be written, or it is
    /// shown.
    /// </param>
    /// <returns>The id of the committed state.</returns>
    /// <exception cref="DatabaseFullException">No room; the transaction was aborted.</exception>
    /// <exception cref="DatabasePoisonedException">The outcome is unknown.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the transaction was aborted.</exception>
    public ulong Commit(bool isDeferred, CancellationToken cancellationToken = default)
    {
        var ticket = ThreadTicket.Take();
        if (!TryPrepare(isDeferred, departs: false, ticket, cancellationToken, out var id))
        {
            return id ?? ticket.Wait();
        }

        return Fly(null, ticket, isDeferred, cancellationToken);
    }

    /// <summary>
    /// Whatever can be done for a commit without the disk. Unless the caller has to fly, the transaction has ended and
    /// the gate is open afterwards.
    /// </summary>
    /// <param name="isDeferred">Whether visible is enough.</param>
    /// <param name="departs">Whether the flusher flies, and never the caller.</param>
    /// <param name="ticket">Is told if somebody else commits.</param>
    /// <param name="cancellationToken">Aborts the transaction.</param>
    /// <param name="id">The id of the state, if the promise is met.</param>
    /// <returns>Whether the caller has to fly.</returns>
    private bool TryPrepare(
        bool isDeferred, bool departs, CommitTicket ticket, CancellationToken cancellationToken, out ulong? id)
    {
        id = null;
        bool isChanged;
        try
        {
            // Also if nothing has changed yet: a commit that succeeds after a failure would be believed.
            _context.State.RequireIntact();
            cancellationToken.ThrowIfCancellationRequested();
            _context.RemoveExpiredOfWritten();
            isChanged = _context.HasMemberChanges;
            if (isChanged)
            {
                _context.CompleteBaseSnapshots();
                return !TryJoin(isDeferred, ticket, departs);
            }
        }
        catch
        {
            Abort();
            throw;
        }

        id = TryEndUnchanged(isDeferred, ticket);
        return false;
    }

    /// <summary>Steps 1 to 6: collect, number, sum, and write what nothing refers to yet.</summary>
    /// <param name="context">What is committed.</param>
    /// <param name="isDeferred">Whether visible is enough.</param>
    /// <param name="cancellationToken">Looked at until others may build on the commit.</param>
    /// <param name="open">The context whose transaction goes on on top of it, if it is not this one.</param>
    private Flight Seal(
        WriteContext context, bool isDeferred, CancellationToken cancellationToken, WriteContext? open = null)
    {
        BeginSeal(context, isDeferred);
        var meta = WriteOrMakeRoom(context, mayBeVerified: !isDeferred && IsAllDurable);

        // Whatever may fail before others can build on the state happens here.
        var state = StateOf(context, meta);
        var replaced = open is null ? null : context.SharedNumbers(open);
        cancellationToken.ThrowIfCancellationRequested();
        return EndSeal(context, state, meta, isDeferred, replaced);
    }

    private void BeginSeal(WriteContext context, bool isDeferred)
    {
        if (!isDeferred)
        {
            _file.Presence.RequireReachable();
        }

        ReleaseIfDue();
        BeginChanges();
        context.FreeListRun();
    }

    /// <summary>What the database is when the pages that were written are its newest ones.</summary>
    private PublishedState StateOf(WriteContext context, Meta meta)
    {
        _core.VerifiedPages.Ensure(meta.PageCount);
        return PublishedState.From(
            meta, context.Cover(meta.PageCount), context.NextCatalogId, context.ListUnfinishedNames());
    }

    /// <summary>The pages are written: from now on others can build on them.</summary>
    private Flight EndSeal(
        WriteContext context,
        PublishedState state,
        Meta meta,
        bool isDeferred,
        List<(ulong Page, ulong Pages)>? replaced = null)
    {
        byte[] block;
        try
        {
            block = Accept(context, state, meta, isDeferred);
        }
        catch (Exception e)
        {
            // Out of memory, most likely: half of what is known of the state is old.
            throw Poison(e, "Taking on a commit");
        }

        return new Flight(state, meta.Class, block, replaced);
    }

    /// <summary>
    /// From now on writers begin on the state. No page that it needs is taken by them, and none that D or N needs: all
    /// three are pinned.
    /// </summary>
    /// <returns>The meta as it is to be written; empty if it is not yet.</returns>
    private byte[] Accept(WriteContext context, PublishedState state, Meta meta, bool isDeferred)
    {
        byte[] block = [];
        if (isDeferred)
        {
            _deferredBytes += context.BytesWritten;
            SetDeferred(meta);
        }
        else
        {
            // Of its own: the one before may not be written yet.
            block = Interlocked.Exchange(ref _spareBlock, null) ?? new byte[PageLayout.BlockSize];
            meta.Write(block, _core.Superblock);
        }

        context.Publish();
        _core.Accept(state);
        _isSettled = false;
        _nextId = NextTransactionId(state.Id, Name);
        ReleasePages();
        NoteGrowth();
        SweepNowAndThen();
        return block;
    }

    /// <summary>
    /// Steps 7 and 8: flush what recovery will not verify, then the meta, whose flush is the commit; publish. The gate
    /// is open meanwhile; what only the holder of the gate may do is left to the next.
    /// </summary>
    private void Land(in Flight flight)
    {
        _isLanding = true;
        try
        {
            if (flight.Class == CommitClass.Ordered)
            {
                FlushFile("The flush of the pages");
            }

            _spareBlock = _metaBlock;
            _metaBlock = flight.MetaBlock;
            WriteMetaDurably();
            _core.Publish(flight.State);
            SetDurable(flight.State);
            _isReleaseDue = true;
        }
        finally
        {
            _isLanding = false;
        }
    }

    /// <summary>
    /// Also if no page will be written: a deferred commit that only frees pages changes nothing of the file, but its id
    /// is seen.
    /// </summary>
    private void BeginChanges()
    {
        try
        {
            _file.BeginChanges();
        }
        catch (StorageWriteException e)
        {
            _room.RequireFirstFull(e, isRetry: true, "The mark that the session changes something", Aborted);
        }
    }

    /// <summary>Writes the pages; if the disk is full, once more with what can be had.</summary>
    private Meta WriteOrMakeRoom(WriteContext context, bool mayBeVerified)
    {
        for (var isRetry = false; ; isRetry = true)
        {
            try
            {
                return WritePages(context, mayBeVerified);
            }
            catch (StorageWriteException e)
            {
                const string What = "The pages of a transaction";
                _room.RequireFirstFull(e, isRetry, What, Aborted);
                context.TakeNumbersBack();
                _room.Make(e, What, Aborted);
            }
        }
    }

    /// <summary>Everything before the first byte that names the new pages.</summary>
    /// <param name="context">What is committed.</param>
    /// <param name="mayBeVerified">Whether the commit may rely on recovery verifying its pages.</param>
    /// <param name="ahead">The state in flight that will be durable when the meta is written; 0: D is.</param>
    /// <returns>The meta of the commit.</returns>
    private Meta WritePages(WriteContext context, bool mayBeVerified, ulong ahead = 0)
    {
        var pages = context.Pages;
        context.EndSavepoints();
        var names = context.CompleteSnapshots();

        // Collect: the dirty pages of every tree, children before parents. The catalog's are dirty once it has the
        // records of the changed trees, although their roots have no numbers yet.
        context.WriteRecords();
        context.Collect();

        // Number: from here on nothing of the transaction is unaccounted for.
        context.AssignNumbers();

        // Large values: nothing refers to them before their leaves are summed.
        context.WriteValues();

        // Sum: each page's checksum goes into its parent, each root's into its record, the records into the catalog,
        // whose pages are summed last. The records overwrite themselves: no page may become dirty any more.
        context.SumTrees();
        context.WriteRecords();
        pages.RequireAllCollected();
        context.SumRoots();

        // The space log and the run list may need pages of their own.
        var maxListed = mayBeVerified && !context.HasUnlistedPages ? MaxVerifiedPages : 0;
        var space = pages.Seal(context.TransactionId, maxListed, context.EarlyRuns, names, out var list);

        // Write: nothing refers to these pages yet.
        pages.Write(space.PageCount, space.NewLogPages.Span, list);
        context.PrepareCommitted();
        return new Meta
        {
            Id = context.TransactionId,
            DurableId = ahead != 0 ? ahead : _durable.Id,
            PageCount = space.PageCount,
            Class = list.IsListed ? CommitClass.Verified : CommitClass.Ordered,
            Main = context.Main.PlausibleRecord(space.PageCount),
            Catalog = context.Catalog.PlausibleRecord(space.PageCount),
            NextTreeId = context.NextTreeId,
            LogPage = space.LogPage,
            LogPageCrc = space.LogPageCrc,
            LogPages = space.LogPages,
            LogHead = space.LogHead,
            HasNames = space.HasNames,
            RunCount = list.Count,
            InlineRuns = list.Inline,
            ListRun = list.Run,
            Digest = list.Digest,
        };
    }

    private void WriteMetaDurably(Meta meta)
    {
        meta.Write(_metaBlock, _core.Superblock);
        WriteMetaDurably();
    }

    /// <summary>Writes the meta block that was made, and flushes.</summary>
    private void WriteMetaDurably()
    {
        try
        {
            _file.Write(Meta.SlotOffset(1 - _durableSlot), _metaBlock);
            Counters.NoteMeta(_metaBlock.Length);
        }
        catch (Exception e)
        {
            throw Poison(e, "Writing the meta");
        }

        FlushFile("The flush");
    }

    private void FlushFile(string what)
    {
        var span = _telemetry.StartFlush();
        _lastFlush = span?.Context ?? default;
        var since = Stopwatch.GetTimestamp();
        try
        {
            // The mark tells a later read-only open that the system's cache may show what the disk lacks.
            _lock.FlushMark = true;
            _file.Flush();
            _lock.FlushMark = false;
            Counters.NoteFlush(since);
        }
        catch (Exception e)
        {
            _telemetry.EndFlush(span, since, e);
            throw Poison(e, what);
        }

        _telemetry.EndFlush(span, since, failure: null);
    }

    /// <summary>
    /// Releases all pins but those of N, of D, of the states in flight and of readers. The caller holds the gate.
    /// </summary>
    private void ReleasePins()
    {
        try
        {
            // First, so that a D that moves just now is not forgotten. CollectPins begins with a full fence: it sees
            // every reader that did not see the newest state, and every one that found a name in a state older than
            // the one that all see by now.
            _isReleaseDue = false;
            var seenByAll = _lock.PublishedId;
            var (published, newest, durable) = (Published.Id, _core.Newest.Id, Volatile.Read(ref _durable).Id);
            CollectPins(_lock.Readers, ref _pins, out var count);
            _pins[count] = published;
            _pins[count + 1] = newest;
            _pins[count + 2] = _core.LandingAfter(published);
            _core.Maps.ReleaseUnpinned(_pins.AsSpan(0, count + 3));
            _pins[count + 3] = durable;
            _space.ReleaseUnheld(_pins.AsSpan(0, count + 4), seenByAll);
        }
        catch (Exception e)
        {
            // Out of memory: what is free is not known any more.
            throw Poison(e, "Releasing pages");
        }
    }

    /// <summary>Releases pins, with a state that was just published or accepted, and counts what that leaves.</summary>
    private void ReleasePages()
    {
        ReleasePins();
        SpaceCounts = (_space.ReusablePages, _space.PendingPages);
        if (_isUsageWanted)
        {
            CountUsage();
        }
    }

    /// <summary>Collects what readers of all processes have pinned, with room for four more behind it.</summary>
    private static void CollectPins(ReaderTable readers, ref ulong[] buffer, out int count)
    {
        while ((count = readers.CollectPins(buffer)) > buffer.Length - 4)
        {
            buffer = new ulong[(count * 2) + 4];
        }
    }

    /// <summary>
    /// Processes that were killed leave pins, which keep pages, and entries. A sweep looks at the process table and at
    /// the slots in use (some microseconds), so it is not for every commit; what it frees, the next commit finds free.
    /// </summary>
    private void SweepNowAndThen()
    {
        if (++_commitsSinceSweep >= CommitsBetweenSweeps)
        {
            _commitsSinceSweep = 0;
            _lock.SweepNowAndThen();
        }
    }
}
