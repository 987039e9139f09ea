using Engine.Pages;
using Engine.Space;
using Engine.Storage;

namespace Engine.Transactions;

/// <content>
/// The writer's side. Invariants: <c>_durable</c> (D) is the newest state whose meta is on disk and flushed, in slot <c>_durableSlot</c>, which no commit
/// writes; <c>_published</c> (N) is the newest visible one; both are pinned in the space manager. Only the holder of the gate runs any of this.
/// </content>
internal sealed partial class DatabaseCore
{
    /// <summary>So many commits beside one oldest reader are made between looks whether it still lives.</summary>
    internal const int CommitsBetweenSweeps = 256;

    /// <summary>Held by whoever begins to write, publishes or flushes, so that closing, which does not wait at the gate, waits for them.</summary>
    private readonly Lock _publishing = new();
    private SpaceManager _space = null!;
    private WriteContext _writeContext = null!;
    private PublishedState _durable = null!;
    private Meta? _deferredMeta;
    private int _durableSlot;
    private ulong _nextId;

    /// <summary>The meta of D, or after a failure the one that may have taken its place.</summary>
    private byte[] _metaBlock = [];
    private byte[]? _logPageBuffer;
    private ulong[] _pins = new ulong[64];
    private long _deferredBytes;
    private ulong _oldestPin;
    private int _commitsSincePinOrSweep;
    private Timer? _flushTimer;

    /// <summary>Waits for the gate and starts a transaction.</summary>
    public RunningWrite BeginWrite()
    {
        ThrowIfReadOnly();
        _gate.Enter();
        return Begin();
    }

    /// <summary>Waits for the gate without blocking a thread, and starts a transaction.</summary>
    public async ValueTask<RunningWrite> BeginWriteAsync(CancellationToken cancellationToken)
    {
        ThrowIfReadOnly();
        await _gate.EnterAsync(cancellationToken).ConfigureAwait(false);
        return Begin();
    }

    /// <summary>Ends the transaction without a trace, leaves its context and opens the gate. The caller has entered the context.</summary>
    public void Abort()
    {
        try
        {
            _writeContext.Abort();
            _maps.ReleaseUnpublished();
        }
        finally
        {
            // In this order: whoever comes through the gate must find the context free.
            _writeContext.Exit();
            _gate.Exit();
        }
    }

    /// <summary>
    /// Commits the transaction, leaves its context and opens the gate, whatever happens. The caller has entered the context. When this returns the commit's
    /// promise is met: durable, or (deferred) visible.
    /// </summary>
    /// <returns>The id of the committed state.</returns>
    /// <exception cref="DatabaseFullException">No room; the transaction was aborted.</exception>
    /// <exception cref="DatabasePoisonedException">The outcome is unknown.</exception>
    public ulong Commit(bool isDeferred)
    {
        try
        {
            // Also if nothing has changed yet: a commit that succeeds after a failure would be believed.
            _writeContext.RequireIntact();
            lock (_publishing)
            {
                return isDeferred ? CommitDeferred() : CommitDurable();
            }
        }
        finally
        {
            Abort();
        }
    }

    /// <summary>Makes everything that was published durable. Returns at once if it is.</summary>
    public void Flush()
    {
        ThrowIfReadOnly();
        ThrowIfUnusable();
        if (ReferenceEquals(Published, Volatile.Read(ref _durable)))
        {
            return;
        }

        _gate.Enter();
        try
        {
            lock (_publishing)
            {
                ThrowIfUnusable();
                FlushDeferred();
            }
        }
        finally
        {
            _gate.Exit();
        }
    }

    private ulong CommitDurable()
    {
        var context = _writeContext;
        if (!context.HasChanges)
        {
            // Acknowledged when all that it could see is durable.
            context.Abort();
            FlushDeferred();
            return _published.Id;
        }

        _file.Presence.RequireReachable();
        var meta = WritePages(context, mayBeVerified: ReferenceEquals(_published, _durable));
        var state = NextState(context, meta);
        if (meta.Class == CommitClass.Ordered)
        {
            FlushFile("The flush of the pages");
        }

        WriteMetaDurably(meta);
        Publish(context, state, meta, isDurable: true);
        return state.Id;
    }

    private ulong CommitDeferred()
    {
        var context = _writeContext;
        if (!context.HasChanges)
        {
            return _published.Id;
        }

        var meta = WritePages(context, mayBeVerified: false);
        _deferredBytes += (long)context.PagesWritten * PageSize;
        var state = NextState(context, meta);
        Publish(context, state, meta, isDurable: false);
        if (_deferredBytes > _options.DeferredLimit || state.Id - _durable.Id >= _options.IdReach - 2)
        {
            FlushDeferred();
        }

        return state.Id;
    }

    /// <summary>Makes deferred commits durable, if there are any.</summary>
    private void FlushDeferred()
    {
        if (ReferenceEquals(_published, _durable))
        {
            return;
        }

        if (_poison is { } poison)
        {
            throw new DatabasePoisonedException(poison.Message, poison);
        }

        _file.Presence.RequireReachable();
        FlushFile("The flush of deferred commits");
        Reissue(_deferredMeta!);
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
            return context.WritePages(mayBeVerified, _durable.Id);
        }
        catch (StorageWriteException e)
        {
            throw e.IsFull
                ? new DatabaseFullException($"There is no room left for '{Name}': {e.Message} The transaction was aborted; nothing committed is lost. Free some space and try again.", e)
                : new DatabaseException($"The pages of a transaction could not be written to '{Name}': {e.Message} The transaction was aborted; nothing committed is lost.", e);
        }
    }

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
        catch (Exception e)
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
            _durable = state;
            _durableSlot = 1 - _durableSlot;
            _deferredMeta = null;
            _deferredBytes = 0;
            _lock.PublishedId = state.Id;
        }
        else
        {
            _deferredMeta = meta.KeepLogHead();
        }

        // CollectPins begins with a full fence: it sees every reader that did not see the new state.
        CollectPins(_lock.Readers, ref _pins, out var count);
        var oldest = state.Id;
        foreach (var pin in _pins.AsSpan(0, count))
        {
            oldest = Math.Min(oldest, pin);
        }

        SweepNowAndThen(oldest);
        _pins[count] = state.Id;
        _maps.ReleaseUnpinned(_pins.AsSpan(0, count + 1));
        _pins[count + 1] = _durable.Id;
        _space.ReleaseUnheld(_pins.AsSpan(0, count + 2));
        SpaceCounts = (_space.ReusablePages, _space.PendingPages);
    }

    /// <summary>
    /// A reader that has stayed the oldest over many commits may be a process that was killed. The sweep looks at the whole table, so it is not for every commit;
    /// what it frees, the next commit finds free.
    /// </summary>
    private void SweepNowAndThen(ulong oldest)
    {
        if (oldest != _oldestPin)
        {
            (_oldestPin, _commitsSincePinOrSweep) = (oldest, 0);
        }
        else if (++_commitsSincePinOrSweep >= CommitsBetweenSweeps)
        {
            _commitsSincePinOrSweep = 0;
            _lock.Readers.SweepDead();
        }
    }

    private RunningWrite Begin()
    {
        try
        {
            // Closing does not wait at the gate: it ends what it finds running under this lock, and what comes later finds it closed.
            lock (_publishing)
            {
                ThrowIfUnusable();
                _writeContext.Begin(_published, _nextId);
                return new RunningWrite(_writeContext, _writeContext.Serial, _writeContext.TransactionId);
            }
        }
        catch
        {
            _gate.Exit();
            throw;
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

    private void StartFlushTimer()
    {
        if (_options.FlushInterval != Timeout.InfiniteTimeSpan)
        {
            _flushTimer = new Timer(static core => ((DatabaseCore)core!).FlushOnTimer(), this, _options.FlushInterval, _options.FlushInterval);
        }
    }

    private void FlushOnTimer()
    {
        try
        {
            // A transaction under way would make this wait; the next tick comes soon enough, and a commit over the size limit flushes by itself.
            if (_isDisposed || _poison is not null || !HasWorkForTimer() || !_gate.TryEnter())
            {
                return;
            }

            try
            {
                lock (_publishing)
                {
                    ThrowIfUnusable();
                    FlushOrSettle();
                }
            }
            finally
            {
                _gate.Exit();
            }
        }
        catch (Exception e) when (e is DatabaseException or ObjectDisposedException)
        {
            // The poison is reported by the next commit or flush.
        }
    }
}
