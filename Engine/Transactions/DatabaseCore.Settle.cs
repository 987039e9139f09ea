using Engine.Pages;

namespace Engine.Transactions;

/// <content>
/// The second meta of the newest state, which an orderly close and an idle database make: docs/design.md, "Closing settles".
/// </content>
internal sealed partial class DatabaseCore
{
    /// <summary>Whether the newest state is durable and stands in both slots, the newer meta being an ordered one.</summary>
    private bool _isSettled;
    private ulong _idleId;
    private long _idleSince;

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
    /// Gives the newest state, which is durable, its second meta: afterwards it stands in both slots, and the newer meta
    /// is an ordered one, which is believed without a look at the pages. Whatever decays from now on is found as damage,
    /// and never taken for a crash.
    /// </summary>
    private void Settle()
    {
        if (!_isSettled && _nextId < Meta.MaxId)
        {
            _file.Presence.RequireReachable();
            Reissue(Meta.TryRead(_metaBlock, _superblock)!);
            _isSettled = true;
        }
    }

    /// <summary>An ordered commit of the newest state under a new id. Its pages are durable already, and so is the space log up to its head.</summary>
    private void Reissue(Meta source)
    {
        var meta = source.Reissue(_nextId, _durable.Id);

        // With the map of the published state, which has all of its pages: a new one might not be had, and then nothing could be flushed any more.
        var state = PublishedState.From(meta, _published.Map, _published.CatalogId);
        WriteMetaDurably(meta);
        try
        {
            _space.AddPin(meta.Id);
            SetPublished(state, meta, isDurable: true);
        }
        catch (Exception e)
        {
            throw Poison(e, "Publishing a flush");
        }
    }

    /// <summary>Whether the flush timer has something to do: deferred commits, or a database that has been idle for a while.</summary>
    private bool HasWorkForTimer() => !ReferenceEquals(_published, _durable) || HasBeenIdle();

    /// <summary>What the flush timer does, in the gate.</summary>
    private void FlushOrSettle()
    {
        if (ReferenceEquals(_published, _durable))
        {
            Settle();
        }
        else
        {
            FlushDeferred();
        }
    }

    /// <summary>
    /// Whether the newest commit has been the newest for a while and still waits for its second meta. The ticks
    /// themselves take note of when it came, so that commits need not. (Two ticks at once may mistake the time, and
    /// settle sooner or later than they should: it is right at any time.)
    /// </summary>
    private bool HasBeenIdle()
    {
        var newest = Volatile.Read(ref _durable).Id;
        var now = Environment.TickCount64;
        if (newest != _idleId)
        {
            (_idleId, _idleSince) = (newest, now);
        }

        return !_isSettled && _options.SettleAfter != Timeout.InfiniteTimeSpan && now - _idleSince >= _options.SettleAfter.TotalMilliseconds;
    }
}
