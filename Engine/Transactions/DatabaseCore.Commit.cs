using Engine.Pages;
using Engine.Space;
using Engine.Storage;

namespace Engine.Transactions;

/// <content>
/// The writer's side. Invariants: <c>_durable</c> (D) is the newest state whose meta is on disk and flushed, in slot <c>_durableSlot</c>, which no commit
/// writes; <c>_published</c> (N) is the newest visible one; both are pinned in the space manager. Only the holder of
/// the gate commits; who flushes need not hold it.
/// </content>
internal sealed partial class DatabaseCore
{
    /// <summary>So many commits are made between looks for what dead processes left.</summary>
    internal const int CommitsBetweenSweeps = 256;

    /// <summary>Held by whoever publishes or flushes: one at a time, and closing waits for them.</summary>
    private readonly Lock _publishing = new();
    private SpaceManager _space = null!;
    private PublishedState _durable = null!;
    private int _durableSlot;
    private ulong _nextId;

    /// <summary>The meta of D, or after a failure the one that may have taken its place.</summary>
    private byte[] _metaBlock = [];
    private byte[]? _logPageBuffer;
    private ulong[] _pins = new ulong[64];
    private int _commitsSinceSweep;

    /// <summary>
    /// Commits the transaction, leaves its context and opens the gate, whatever happens. The caller has entered the context. When this returns the commit's
    /// promise is met: durable, or (deferred) visible.
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
            _writeContext.RequireIntact();
            lock (_publishing)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return isDeferred ? CommitDeferred(cancellationToken) : CommitDurable(cancellationToken);
            }
        }
        finally
        {
            Abort();
        }
    }

    /// <summary>
    /// As <see cref="Commit"/>, without blocking this thread while the disk works: whatever may wait for it is done by
    /// the flusher.
    /// </summary>
    public async ValueTask<ulong> CommitAsync(bool isDeferred, CancellationToken cancellationToken)
    {
        if (isDeferred && TryCommitHere(cancellationToken, out var id))
        {
            return id;
        }

        CommitJob job;
        CancellationTokenRegistration cancelling;
        try
        {
            job = new CommitJob(this, isDeferred, cancellationToken);
            cancelling = cancellationToken.UnsafeRegister(static job => ((CommitJob)job!).Cancel(), job);
        }
        catch
        {
            Abort();
            throw;
        }

        using (cancelling)
        {
            if (!TryPost(job))
            {
                job.Run();
            }

            return await job.Task.ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Commits deferred, if nobody flushes and it need not be flushed now: then it is a matter of memory and of the
    /// system's cache.
    /// </summary>
    private bool TryCommitHere(CancellationToken cancellationToken, out ulong id)
    {
        id = 0;
        if (!_publishing.TryEnter())
        {
            return false;
        }

        try
        {
            if (MustFlush(_writeContext.BytesToWrite))
            {
                return false;
            }

            id = Commit(isDeferred: true, cancellationToken);
            return true;
        }
        finally
        {
            _publishing.Exit();
        }
    }

    private bool TryPost(CommitJob job)
    {
        try
        {
            return _flusher.TryPost(job);
        }
        catch
        {
            // It is not among the jobs, so nobody else ends the transaction, unless it was cancelled.
            job.Cancel();
            throw;
        }
    }

    private ulong CommitDurable(CancellationToken cancellationToken)
    {
        var context = _writeContext;
        if (!context.HasChanges)
        {
            // Acknowledged when all that it could see is durable.
            context.Abort();
            FlushDeferred();
            ReleaseIfDue();
            return _published.Id;
        }

        _file.Presence.RequireReachable();
        var meta = WritePages(context, mayBeVerified: ReferenceEquals(_published, _durable));
        var state = NextState(context, meta);
        if (meta.Class == CommitClass.Ordered)
        {
            cancellationToken.ThrowIfCancellationRequested();
            FlushFile("The flush of the pages");
        }

        cancellationToken.ThrowIfCancellationRequested();
        WriteMetaDurably(meta);
        Publish(context, state, meta, isDurable: true);
        return state.Id;
    }

    private ulong CommitDeferred(CancellationToken cancellationToken)
    {
        var context = _writeContext;
        if (!context.HasChanges)
        {
            return _published.Id;
        }

        var meta = WritePages(context, mayBeVerified: false);
        var bytes = (long)context.PagesWritten * PageSize;
        var state = NextState(context, meta);
        cancellationToken.ThrowIfCancellationRequested();
        Publish(context, state, meta, isDurable: false);
        _deferredBytes += bytes;
        if (MustFlush())
        {
            FlushDeferred();
            ReleaseIfDue();
        }

        return state.Id;
    }

    /// <summary>Everything before the first byte that names the new pages: a failure here aborts and loses nothing.</summary>
    private Meta WritePages(WriteContext context, bool mayBeVerified)
    {
        ThrowIfUnusable();
        try
        {
            // Also if no page is written: a deferred commit that only frees pages changes nothing of the file, but its
            // id is seen.
            _session!.BeginChanges();
        }
        catch (StorageWriteException e)
        {
            throw NotWritten(e);
        }

        for (var isRetry = false; ; isRetry = true)
        {
            try
            {
                return context.WritePages(mayBeVerified, _durable.Id);
            }
            catch (StorageWriteException e)
            {
                if (e.IsFull && !isRetry)
                {
                    context.TakeNumbersBack();
                    if (MakeRoom())
                    {
                        continue;
                    }
                }

                throw NotWritten(e);
            }
        }
    }

    private DatabaseException NotWritten(StorageWriteException e) => e.IsFull
        ? new DatabaseFullException(
            $"There is no room left for '{Name}': {e.Message} The transaction was aborted; nothing committed is lost. "
            + "Free some space and try again.",
            e)
        : new DatabaseException(
            $"The pages of a transaction could not be written to '{Name}': {e.Message} The transaction was aborted; "
            + "nothing committed is lost.",
            e);

    private void WriteMetaDurably(Meta meta)
    {
        try
        {
            meta.Write(_metaBlock, _superblock);
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

    /// <summary>Whatever may fail before the state can be shown happens here, while the transaction can still be aborted.</summary>
    private PublishedState NextState(WriteContext context, Meta meta)
    {
        _verified.Ensure(meta.PageCount);
        var map = context.Cover(meta.PageCount);
        return PublishedState.From(meta, map, context.NextCatalogId);
    }

    private void Publish(WriteContext context, PublishedState state, Meta meta, bool isDurable)
    {
        try
        {
            context.Publish();
            SetPublished(state, meta, isDurable);
        }
        catch (Exception e) when (e is not DatabasePoisonedException)
        {
            // Out of memory, most likely: the commit may be on disk while half of what is known of it in memory is old.
            throw Poison(e, "Publishing a commit");
        }
    }

    private void SetPublished(PublishedState state, Meta meta, bool isDurable)
    {
        _maps.Use(state.Map, state.Id);
        Volatile.Write(ref _published, state);
        _isSettled = false;
        _nextId = NextTransactionId(state.Id);
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

    private void ThrowIfReadOnly()
    {
        ThrowIfDisposed();
        if (_options.ReadOnly)
        {
            throw new InvalidOperationException($"'{Name}' is open read-only; open it for writing to change it.");
        }
    }
}
