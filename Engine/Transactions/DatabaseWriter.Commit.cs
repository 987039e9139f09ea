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
    private readonly byte[] _metaBlock = new byte[PageLayout.BlockSize];

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
        try
        {
            // Also if nothing has changed yet: a commit that succeeds after a failure would be believed.
            _context.State.RequireIntact();
            lock (_publishing)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return _context.HasChanges
                    ? CommitChanges(isDeferred, cancellationToken)
                    : CommitNothing(isDeferred);
            }
        }
        catch
        {
            _context.Abort();
            throw;
        }
        finally
        {
            Leave();
        }
    }

    private ulong CommitChanges(bool isDeferred, CancellationToken cancellationToken)
    {
        ThrowIfUnusable();
        if (!isDeferred)
        {
            _file.Presence.RequireReachable();
        }

        BeginChanges();
        _context.FreeListRun();

        // 1 to 6: collect, number, sum, and write what nothing refers to yet.
        var meta = WriteOrMakeRoom(mayBeVerified: !isDeferred && IsAllDurable);

        // Whatever may fail before the state can be shown happens here.
        _core.VerifiedPages.Ensure(meta.PageCount);
        var state = PublishedState.From(meta, _context.Cover(meta.PageCount), _context.NextCatalogId);
        var bytes = _context.BytesWritten;

        // 7: flush what recovery will not verify …
        if (!isDeferred && meta.Class == CommitClass.Ordered)
        {
            cancellationToken.ThrowIfCancellationRequested();
            FlushFile("The flush of the pages");
        }

        // … then the meta, whose flush is the commit.
        cancellationToken.ThrowIfCancellationRequested();
        if (!isDeferred)
        {
            WriteMetaDurably(meta);
        }

        // 8: publish and release.
        try
        {
            _context.Publish();
            Publish(state, meta, isDurable: !isDeferred);
        }
        catch (Exception e) when (e is not DatabasePoisonedException)
        {
            // Out of memory, most likely: the commit may be on disk while half of what is known of it in memory is old.
            throw Poison(e, "Publishing a commit");
        }

        if (isDeferred)
        {
            _deferredBytes += bytes;
            if (MustFlush())
            {
                FlushDeferred();
                ReleaseIfDue();
            }
        }

        return state.Id;
    }

    /// <summary>Acknowledged, if durable, when all that the transaction could see is durable.</summary>
    private ulong CommitNothing(bool isDeferred)
    {
        _context.Abort();
        if (!isDeferred)
        {
            FlushDeferred();
            ReleaseIfDue();
        }

        return Published.Id;
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
    private Meta WriteOrMakeRoom(bool mayBeVerified)
    {
        for (var isRetry = false; ; isRetry = true)
        {
            try
            {
                return WritePages(mayBeVerified);
            }
            catch (StorageWriteException e)
            {
                const string What = "The pages of a transaction";
                _room.RequireFirstFull(e, isRetry, What, Aborted);
                _context.TakeNumbersBack();
                _room.Make(e, What, Aborted);
            }
        }
    }

    /// <summary>Everything before the first byte that names the new pages.</summary>
    /// <param name="mayBeVerified">Whether the commit may rely on recovery verifying its pages.</param>
    /// <returns>The meta of the commit.</returns>
    private Meta WritePages(bool mayBeVerified)
    {
        var pages = _context.Pages;

        // Collect: the dirty pages of every tree, children before parents. The catalog's are dirty once it has the
        // records of the changed trees, although their roots have no numbers yet.
        _context.WriteRecords();
        _context.Collect();

        // Number: from here on nothing of the transaction is unaccounted for.
        _context.AssignNumbers();

        // Sum: each page's checksum goes into its parent, each root's into its record, the records into the catalog,
        // whose pages are summed last. The records overwrite themselves: no page may become dirty any more.
        _context.SumTrees();
        _context.WriteRecords();
        pages.RequireAllCollected();
        _context.SumRoots();

        // The space log and the run list may need pages of their own.
        var maxListed = mayBeVerified && !_context.HasWrittenEarly ? MaxVerifiedPages : 0;
        var space = pages.Seal(_context.TransactionId, maxListed, out var list);

        // Write: nothing refers to these pages yet.
        pages.Write(space.PageCount, space.NewLogPages.Span, list);
        _context.PrepareCommitted();
        return new Meta
        {
            Id = _context.TransactionId,
            DurableId = _durable.Id,
            PageCount = space.PageCount,
            Class = list.IsListed ? CommitClass.Verified : CommitClass.Ordered,
            Main = _context.Main.PlausibleRecord(space.PageCount),
            Catalog = _context.Catalog.PlausibleRecord(space.PageCount),
            NextTreeId = _context.NextTreeId,
            LogPage = space.LogPage,
            LogPageCrc = space.LogPageCrc,
            LogPages = space.LogPages,
            LogHead = space.LogHead,
            RunCount = list.Count,
            InlineRuns = list.Inline,
            ListRun = list.Run,
            Digest = list.Digest,
        };
    }

    private void WriteMetaDurably(Meta meta)
    {
        try
        {
            meta.Write(_metaBlock, _core.Superblock);
            _file.Write(Meta.SlotOffset(1 - _durableSlot), _metaBlock);
        }
        catch (Exception e)
        {
            throw Poison(e, "Writing the meta");
        }

        FlushFile("The flush");
    }

    private void FlushFile(string what)
    {
        try
        {
            // The mark tells a later read-only open that the system's cache may show what the disk lacks.
            _lock.FlushMark = true;
            _file.Flush();
            _lock.FlushMark = false;
        }
        catch (Exception e)
        {
            throw Poison(e, what);
        }
    }

    /// <summary>
    /// From now on readers begin on this state. What only older ones needed is released, as far as nobody reads them.
    /// </summary>
    private void Publish(PublishedState state, Meta meta, bool isDurable)
    {
        _core.Publish(state);
        _isSettled = false;
        _nextId = NextTransactionId(state.Id, Name);
        if (isDurable)
        {
            SetDurable(state);
        }
        else
        {
            SetDeferred(meta);
        }

        ReleasePins();
        SweepNowAndThen();
        SpaceCounts = (_space.ReusablePages, _space.PendingPages);
    }

    /// <summary>Releases all pins but those of N, of D and of readers. The caller holds the gate.</summary>
    private void ReleasePins()
    {
        try
        {
            // First, so that a D that moves just now is not forgotten. CollectPins begins with a full fence: it sees
            // every reader that did not see the newest state.
            _isReleaseDue = false;
            CollectPins(_lock.Readers, ref _pins, out var count);
            _pins[count] = Published.Id;
            _core.Maps.ReleaseUnpinned(_pins.AsSpan(0, count + 1));
            _pins[count + 1] = Volatile.Read(ref _durable).Id;
            _space.ReleaseUnheld(_pins.AsSpan(0, count + 2));
        }
        catch (Exception e)
        {
            // Out of memory: what is free is not known any more.
            throw Poison(e, "Releasing pages");
        }
    }

    /// <summary>Collects what readers of all processes have pinned, with room for two more behind it.</summary>
    private static void CollectPins(ReaderTable readers, ref ulong[] buffer, out int count)
    {
        while ((count = readers.CollectPins(buffer)) > buffer.Length - 2)
        {
            buffer = new ulong[(count * 2) + 2];
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
