using Engine.Pages;

namespace Engine.Transactions;

/// <content>
/// Making deferred commits durable: on request, when it is time, when they are too many, when there is no room. None of
/// it waits for the write transaction that is open, nor changes anything that this one uses: D becomes N, and the pins
/// of the former D go when the holder of the gate comes by.
/// </content>
internal sealed partial class DatabaseWriter
{
    private readonly Flusher _flusher;
    private Meta? _deferredMeta;
    private long _deferredBytes;

    /// <summary>When the oldest of the deferred commits was made.</summary>
    private long _deferredSince = Flusher.Never;

    /// <summary>
    /// Whether D has moved and the pins of the former one are still to be released, by the next who holds the gate.
    /// </summary>
    private volatile bool _isReleaseDue;

    private bool IsAllDurable => ReferenceEquals(Published, Volatile.Read(ref _durable));

    /// <summary>When deferred commits are flushed at the latest, if there are any.</summary>
    private long FlushDue => _deferredSince == Flusher.Never || _options.FlushInterval == Timeout.InfiniteTimeSpan
        ? Flusher.Never
        : _deferredSince + (long)Math.Ceiling(_options.FlushInterval.TotalMilliseconds);

    /// <summary>Makes everything that was published durable. Returns at once if it is.</summary>
    public void Flush()
    {
        RequireFlushable();
        if (IsAllDurable)
        {
            return;
        }

        lock (_publishing)
        {
            ThrowIfUnusable();
            FlushDeferred();
            ReleaseIfIdle();
        }
    }

    /// <summary>As <see cref="Flush"/>, on the flusher's thread.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the flush.</param>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        RequireFlushable();
        cancellationToken.ThrowIfCancellationRequested();
        if (IsAllDurable)
        {
            return;
        }

        var job = new FlushJob(this);
        if (!_flusher.TryPost(job))
        {
            job.Run();
        }

        await job.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sees to it that a state which was published is durable, and tells.</summary>
    public void Promise(ulong id, CommitTicket ticket)
    {
        try
        {
            if (DurableId < id)
            {
                Flush();
            }
        }
        catch (Exception e)
        {
            ticket.Fail(e);
            return;
        }

        ticket.Complete(id);
    }

    /// <summary>Lets the flusher look at the clock.</summary>
    internal void WakeFlusher() => _flusher.Wake();

    private void RequireFlushable()
    {
        ThrowIfUnusable();
        RequireNoCallback();
    }

    /// <summary>
    /// An ordered commit of the newest state, whose meta was made when it was published and not written then. The pages
    /// are in the file already, and so is the space log up to its head. The state keeps its id: no other meta has it,
    /// and a write transaction that is open has the next one.
    /// </summary>
    private void FlushDeferred()
    {
        if (IsAllDurable)
        {
            return;
        }

        ThrowIfPoisoned();
        _file.Presence.RequireReachable();
        FlushFile("The flush of deferred commits");
        WriteMetaDurably(_deferredMeta!);
        SetDurable(Published);
        _isReleaseDue = true;
    }

    private void SetDurable(PublishedState state)
    {
        Volatile.Write(ref _durable, state);
        _durableSlot = 1 - _durableSlot;
        _deferredMeta = null;
        _deferredBytes = 0;
        _deferredSince = Flusher.Never;
        _lock.PublishedId = state.Id;
        _core.DurableSignal.Set();
        AwaitIdle();
    }

    /// <summary>Remembers what was published without being durable, and sees to it that it will be.</summary>
    private void SetDeferred(Meta meta)
    {
        _deferredMeta = meta.KeepLogHead();
        if (_deferredSince == Flusher.Never)
        {
            _deferredSince = _options.Clock();
            if (FlushDue is not Flusher.Never and var due)
            {
                _flusher.Schedule(due);
            }
        }
    }

    /// <summary>
    /// Whether more than the limit is deferred, or something for longer than it may be (under load the flusher could
    /// come too late), or so many ids that the next session might not leave all of them out.
    /// </summary>
    private bool MustFlush(long moreBytes = 0) =>
        _deferredBytes + moreBytes > _options.DeferredLimit
        || Published.Id - _durable.Id >= _options.IdReach - 2
        || (FlushDue is not Flusher.Never and var due && due <= _options.Clock());

    /// <summary>On the flusher's thread, when deferred commits were said to be due.</summary>
    /// <returns>When to come again.</returns>
    private long FlushIfDue()
    {
        try
        {
            lock (_publishing)
            {
                // Others may have flushed meanwhile.
                if (_core.IsDisposed || _poison is not null || IsAllDurable)
                {
                    return Flusher.Never;
                }

                if (!MustFlush())
                {
                    return FlushDue;
                }

                FlushDeferred();
                ReleaseIfIdle();
            }
        }
        catch (Exception e)
        {
            // Nobody is here to be told: the next commit, flush or the closing is.
            if (_poison is null)
            {
                Poison(e, "A flush in the background");
            }
        }

        return Flusher.Never;
    }

    /// <summary>
    /// For a write transaction that found no room: makes durable what is deferred, so that the pages of the former
    /// durable state can be used, and releases what readers have left meanwhile. Growing is avoided for the rest of the
    /// transaction.
    /// </summary>
    /// <returns>Whether there are more pages to be had now.</returns>
    private bool MakeRoom()
    {
        var before = _space.VisiblePages;
        lock (_publishing)
        {
            ThrowIfUnusable();
            TryLandBoarded();
            ThrowIfPoisoned();
            FlushDeferred();
            _lock.SweepNowAndThen();
            ReleasePins();

            // Of the published state, without what the transaction that is open has taken.
            var (reusable, pending) = SpaceCounts;
            SpaceCounts = (reusable + pending - _space.PendingPages, _space.PendingPages);
        }

        _space.AvoidGrowth = true;
        return _space.VisiblePages > before || _space.Backlog > 0;
    }

    /// <summary>Releases pins if nobody writes. Otherwise whoever does will do so.</summary>
    private void ReleaseIfIdle()
    {
        // Closing waits for whoever publishes, not for the gate. If somebody does, he comes by here, too.
        if (!_publishing.TryEnter())
        {
            return;
        }

        try
        {
            if (_gate.TryEnter())
            {
                try
                {
                    ReleaseIfDue();
                }
                finally
                {
                    _gate.Exit();
                }
            }
        }
        finally
        {
            _publishing.Exit();
        }
    }

    /// <summary>
    /// Releases the pins of a former D, if that was left to whoever comes next. The caller holds the gate, and no
    /// transaction is open.
    /// </summary>
    private void ReleaseIfDue()
    {
        if (_isReleaseDue)
        {
            ReleasePages();
        }
    }
}
