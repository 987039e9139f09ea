using Engine.Pages;

namespace Engine.Transactions;

/// <content>
/// The second meta of the newest state, which an orderly close and an idle database make: docs/design.md,
/// "Closing settles".
/// </content>
internal sealed partial class DatabaseWriter
{
    /// <summary>
    /// Whether the newest state is durable and stands in both slots, the newer meta being an ordered one.
    /// </summary>
    private bool _isSettled;
    private Timer? _idleTimer;
    private int _isAwaitingIdle;

    /// <summary>The newest durable state at the last look.</summary>
    private ulong _idleId;

    /// <summary>
    /// A failure loses nothing: the newest commit is durable, and only its second meta is missing. The database does
    /// not count as closed in order then, and the next opening treats it as it treats one whose process died.
    /// </summary>
    private void SettleIfPossible()
    {
        try
        {
            Settle();
        }
        catch (Exception e) when (e is DatabaseException or IOException or OutOfMemoryException)
        {
            // Poisoned if a write or a flush failed, so that nothing further is written.
        }
    }

    /// <summary>
    /// Gives the newest state, which is durable, its second meta: afterwards it stands in both slots, and the newer
    /// meta is an ordered one, which is believed without a look at the pages. Whatever decays from now on is found as
    /// damage, and never taken for a crash.
    /// </summary>
    private void Settle()
    {
        if (!_isSettled && _poison is null && _nextId < Meta.MaxId)
        {
            _file.Presence.RequireReachable();
            Reissue(Meta.TryRead(_metaBlock, _core.Superblock)!);
            _isSettled = true;
        }
    }

    /// <summary>
    /// An ordered commit of the newest state under a new id. Its pages are durable already, and so is the space log up
    /// to its head.
    /// </summary>
    private void Reissue(Meta source)
    {
        var meta = source.Reissue(_nextId, _durable.Id);

        // With the map of the published state, which has all of its pages: a new one might not be had, and then nothing
        // could be flushed any more.
        var state = PublishedState.From(meta, Published.Map, Published.CatalogId, Published.UnfinishedNames);
        WriteMetaDurably(meta);
        try
        {
            _space.AddPin(meta.Id);
            _core.Accept(state);
            _core.Publish(state);
            _nextId = NextTransactionId(state.Id, Name);
            SetDurable(state);
            ReleasePages();
        }
        catch (Exception e)
        {
            throw Poison(e, "Publishing a flush");
        }
    }

    /// <summary>
    /// Settles, on the flusher's thread, unless somebody writes: that one's commit says that the time begins anew.
    /// </summary>
    internal void SettleIdle()
    {
        try
        {
            if (!_gate.TryEnter())
            {
                AwaitIdle();
                return;
            }

            try
            {
                lock (_publishing)
                {
                    // What waits in memory for its flight has the next id, and what has boarded one, too.
                    if (!_core.IsDisposed && IsAllDurable && !_context.IsRunning && !HasBoarded)
                    {
                        Settle();
                    }
                }
            }
            finally
            {
                _gate.Exit();
            }
        }
        catch (Exception e) when (e is DatabaseException or IOException or OutOfMemoryException)
        {
            // Poisoned if a write or a flush failed, which the next commit or flush is told. Else it settles later.
        }
        catch (Exception e)
        {
            // Nobody is here to be told.
            Poison(e, "Settling in the background");
        }
    }

    /// <summary>Sees to it that the database is looked at in a while, if it is not already.</summary>
    private void AwaitIdle()
    {
        if (_idleTimer is { } timer && Interlocked.Exchange(ref _isAwaitingIdle, 1) == 0)
        {
            try
            {
                timer.Change(_options.SettleAfter, Timeout.InfiniteTimeSpan);
            }
            catch (ObjectDisposedException)
            {
                // Closed, and settled by that.
            }
        }
    }

    /// <summary>The timer waits for nothing, and has nothing of the context of who opened the database.</summary>
    private void PrepareToSettle()
    {
        if (_options.FlushInterval == Timeout.InfiniteTimeSpan || _options.SettleAfter == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        using (ExecutionContext.SuppressFlow())
        {
            _idleTimer = new Timer(
                static writer => ((DatabaseWriter)writer!).LookIfIdle(),
                this,
                Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan);
        }

        if (!_isSettled)
        {
            AwaitIdle();
        }
    }

    /// <summary>
    /// On a thread of the pool: has the newest commit been the newest since the last look? Commits need not note the
    /// time.
    /// </summary>
    private void LookIfIdle()
    {
        Volatile.Write(ref _isAwaitingIdle, 0);
        var newest = Volatile.Read(ref _durable).Id;
        if (_core.IsDisposed || _poison is not null)
        {
            return;
        }

        if (Interlocked.Exchange(ref _idleId, newest) != newest || !_flusher.TryPost(new SettleJob(this)))
        {
            AwaitIdle();
        }
    }
}
