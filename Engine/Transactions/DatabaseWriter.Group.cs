using System.Diagnostics;
using Engine.Pages;

namespace Engine.Transactions;

/// <content>
/// Group commit. One physical commit is under way at a time: a <em>flight</em>, from when its pages are collected to
/// when its promise is met. Whoever commits while there is none flies at once, on its own thread. While the disk works,
/// the gate is open: transactions run on top of the state in flight, one after the other, each behind a savepoint, and
/// join the next flight by committing. It departs when the one before has landed, on the flusher's thread.
/// docs/design.md has the rules.
/// </content>
internal sealed partial class DatabaseWriter
{
    /// <summary>Guards what follows; the innermost lock.</summary>
    private readonly Lock _flights = new();

    /// <summary>Whether somebody flies, or is about to.</summary>
    private bool _isFlying;

    /// <summary>Those who saw the state in flight without changing it; null from its landing on.</summary>
    private CommitGroup? _flight;

    /// <summary>Those who take the next flight. Empty if nobody flies.</summary>
    private CommitGroup _group = new();

    /// <summary>One that nobody is in.</summary>
    private CommitGroup? _spareGroup;

    /// <summary>
    /// Flies for those who wait in the group, on the flusher's thread: it is entitled to, because the flight before
    /// this one has said so.
    /// </summary>
    public void FlyGroup()
    {
        if (TryLandBoarded())
        {
            EndFlight();
            return;
        }

        var state = _gate.EnterFirst(_options.SealPatience);
        if (state == GateState.TimedOut)
        {
            if (!TryFlyBehind())
            {
                // Again, but first what else there is for this thread: it does not wait for whoever holds the gate.
                FlushIfDue();
                EndFlight();
            }

            return;
        }

        // Closed: who closes the database flies.
        if (state != GateState.Granted)
        {
            return;
        }

        if (!_context.State.TryEnterToSeal())
        {
            _gate.Exit();
            return;
        }

        try
        {
            FlyOrLeave();
        }
        catch (Exception)
        {
            // Everybody was told who waits.
        }
    }

    /// <summary>Flies for those in the group, if they are still to be committed.</summary>
    private void FlyOrLeave()
    {
        if (HasBoarded)
        {
            // While this thread waited at the gate.
            Leave();
            TryLandBoarded();
            EndFlight();
            return;
        }

        if (_context.HasMembers)
        {
            var group = TakeGroup();
            Fly(group, null, group.IsDeferred, default);
            return;
        }

        // They failed, or somebody else has flown for them.
        try
        {
            AbortAll();
        }
        finally
        {
            EndFlight();
        }
    }

    /// <summary>
    /// Lets the transaction that was entered share the next commit, if one is under way. Then it has ended, and the
    /// gate is open.
    /// </summary>
    /// <param name="isDeferred">Whether visible is enough.</param>
    /// <param name="ticket">Is told.</param>
    /// <param name="departs">Whether the flusher is to fly if nobody does, and it can.</param>
    /// <returns>False if nobody flies: then the caller does, and nobody else.</returns>
    private bool TryJoin(bool isDeferred, CommitTicket ticket, bool departs)
    {
        ThrowIfUnusable();
        using (Uninterrupted.Enter(_flights))
        {
            if (!_isFlying)
            {
                // Posted first: who has joined can rely on it. It finds the gate shut until this one has left.
                var isPosted = departs && _flusher.TryPost(new SealJob(this));
                _isFlying = true;
                if (!isPosted)
                {
                    return false;
                }
            }

            _group.Add(ticket, isDeferred, isChanged: true);
        }

        _context.EndMember();
        var isComplete = _context.IsComplete;
        if (!isComplete && ShallBoard())
        {
            Board();
        }
        else
        {
            EndTurn(isComplete);
        }

        return true;
    }

    /// <summary>
    /// Ends a transaction that changed nothing, and opens the gate. Its promise is met when that of all that it saw is.
    /// </summary>
    /// <returns>
    /// The id of the state that it saw, if there is nothing to wait for; otherwise the ticket tells it.
    /// </returns>
    private ulong? TryEndUnchanged(bool isDeferred, CommitTicket ticket)
    {
        try
        {
            var isOnTop = _context.HasMembers;
            AbortRunning();
            using (Uninterrupted.Enter(_flights))
            {
                if (isOnTop || !ReferenceEquals(_core.Newest, Published))
                {
                    // What it saw will never be there if a flight has failed.
                    ThrowIfPoisoned();
                }

                // It saw those who wait for the next flight, or the newest state in flight.
                var seen = isOnTop ? _group : _boarded?.Group ?? _flight;
                if (seen is not null)
                {
                    seen.Add(ticket, isDeferred, isChanged: false);
                    return null;
                }
            }

            if (!isDeferred && !IsAllDurable)
            {
                if (!ticket.MayBlock && _flusher.TryPost(new PromiseJob(this, Published.Id, ticket)))
                {
                    return null;
                }

                lock (_publishing)
                {
                    FlushDeferred();
                    ReleaseIfDue();
                }
            }

            return Published.Id;
        }
        finally
        {
            Leave();
        }
    }

    private CommitGroup TakeGroup()
    {
        using (Uninterrupted.Enter(_flights))
        {
            var group = _group;
            _group = NewGroup();
            return group;
        }
    }

    private CommitGroup NewGroup() => Interlocked.Exchange(ref _spareGroup, null) ?? new CommitGroup();

    /// <summary>Everybody in it was told.</summary>
    private void Reuse(CommitGroup group)
    {
        group.Clear();
        _spareGroup = group;
    }

    /// <summary>
    /// Commits all that is committed to memory, and the transaction that was entered if there is one; opens the gate as
    /// soon as others can run on top of that. The caller has the right to fly, and holds the gate.
    /// </summary>
    /// <param name="group">Who waits for it, the caller excepted; null if nobody else does.</param>
    /// <param name="ticket">The caller's; null if it has committed nothing itself, and flies for others.</param>
    /// <param name="isDeferred">Whether visible is enough.</param>
    /// <param name="cancellationToken">Looked at until others may build on the commit.</param>
    /// <returns>The id of the committed state.</returns>
    private ulong Fly(
        CommitGroup? group, CommitTicket? ticket, bool isDeferred, CancellationToken cancellationToken)
    {
        var isOpen = false;

        // The transaction that was entered is one of those who wait, unless it is somebody who flies for others.
        var own = ticket is null ? default : new WaitingCommit(ticket, Stopwatch.GetTimestamp(), isDeferred);
        try
        {
            ulong id;
            ActivityContext flush;
            lock (_publishing)
            {
                group ??= NewGroup();
                cancellationToken.ThrowIfCancellationRequested();
                ThrowIfUnusable();
                var flight = Seal(_context, isDeferred, cancellationToken);
                id = flight.State.Id;
                Show(flight, group, isDeferred);
                isOpen = true;
                Leave();
                flush = Land(flight, isDeferred);
            }

            Tell(group, id, flush, own);
            group = null;
            ReleaseIfIdle();
            return id;
        }
        catch (Exception e)
        {
            try
            {
                if (!isOpen)
                {
                    AbortAll();
                }
            }
            finally
            {
                NoteFailure(own, e);
                FailFlight(group, isOpen, e);
            }

            throw;
        }
        finally
        {
            EndFlight();
        }
    }

    /// <summary>Tells those who waited for a flight that it has landed.</summary>
    /// <param name="group">Those.</param>
    /// <param name="id">The id of the state.</param>
    /// <param name="flush">The span of the flush that they shared, if there is one.</param>
    /// <param name="own">The one who has flown, if it has committed something itself.</param>
    private void Tell(CommitGroup group, ulong id, ActivityContext flush, in WaitingCommit own = default)
    {
        var now = Stopwatch.GetTimestamp();
        var isOwn = own.IsChanged;
        _told = group.Changed + (isOwn ? 1 : 0);
        Counters.NoteGroup(
            group.Changed + (isOwn ? 1 : 0),
            group.Deferred + (isOwn && own.IsDeferred ? 1 : 0),
            group.WaitTicks(now) + (isOwn ? now - own.Since : 0));
        if (_telemetry.WantsCommits)
        {
            NoteCommits(group, own, now, id, flush);
        }

        group.Complete(id);
        Reuse(group);
    }

    /// <summary>
    /// A flight is on its way: who sees its state without changing it shares its promise, unless that is met already.
    /// </summary>
    private void Show(in Flight flight, CommitGroup group, bool isDeferred)
    {
        if (isDeferred)
        {
            _core.Publish(flight.State);
            return;
        }

        using (Uninterrupted.Enter(_flights))
        {
            _flight = group;
        }
    }

    /// <summary>Meets the promise of a flight, with the gate open.</summary>
    /// <returns>The span of the flush that it took, if it took one and somebody listens.</returns>
    private ActivityContext Land(in Flight flight, bool isDeferred)
    {
        _lastFlush = default;
        if (!isDeferred)
        {
            Land(flight);
            using (Uninterrupted.Enter(_flights))
            {
                _flight = null;
            }
        }
        else if (MustFlush())
        {
            FlushDeferred();
        }

        return _lastFlush;
    }

    /// <summary>Ends everything in memory that is not in flight, and opens the gate.</summary>
    private void AbortAll()
    {
        try
        {
            _context.Abort();
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>
    /// Ends the running transaction without a trace. Those before it that share a commit stay, unless there will be
    /// none.
    /// </summary>
    private void AbortRunning()
    {
        if (!_context.HasMembers || _poison is not null)
        {
            _context.Abort();
            return;
        }

        try
        {
            _context.AbortMember();
        }
        catch (Exception e)
        {
            // Out of memory, most likely: what those before it have left is in pieces.
            _context.Abort();
            TakeGroup().Fail(e);
            throw;
        }
    }

    /// <summary>
    /// Tells those who waited for a flight that it failed; if that leaves the outcome unknown, those of the next one,
    /// too, who built on it. What they left in memory goes with whoever holds the gate.
    /// </summary>
    /// <param name="group">Who waited.</param>
    /// <param name="isOpen">Whether others may have built on it.</param>
    /// <param name="failure">Why.</param>
    private void FailFlight(CommitGroup? group, bool isOpen, Exception failure)
    {
        if (isOpen && _poison is null)
        {
            Poison(failure, "Publishing a commit");
        }

        CommitGroup? boarded = null;
        CommitGroup? next = null;
        using (Uninterrupted.Enter(_flights))
        {
            _flight = null;
            if (_poison is not null)
            {
                boarded = _boarded?.Group;
                _boarded = null;
                next = _group;
                _group = NewGroup();
            }
        }

        NoteFailures(group, failure);
        NoteFailures(boarded, failure);
        NoteFailures(next, failure);
        group?.Fail(failure);
        boarded?.Fail(failure);
        next?.Fail(failure);
    }

    /// <summary>
    /// A flight has landed, or did not take place. If others wait, the flusher is the next to fly. Throws nothing.
    /// </summary>
    private void EndFlight()
    {
        using (Uninterrupted.Enter(_flights))
        {
            if (_isBoarding)
            {
                // Whoever seals the next one sees to it.
                _isDepartureDue = true;
                return;
            }

            if (_group.Count == 0 && _boarded is null)
            {
                _isFlying = false;
                if (_poison is not null)
                {
                    // Who may have left the gate to the next flight was told that there is none.
                    _gate.EndReservation();
                }

                return;
            }
        }

        Depart();
    }

    /// <summary>The flusher flies next, for those in the group; if there can be none, this thread.</summary>
    private void Depart()
    {
        try
        {
            if (_flusher.TryPost(new SealJob(this)))
            {
                return;
            }
        }
        catch (OutOfMemoryException)
        {
            // Then this thread.
        }

        FlyGroup();
    }

    /// <summary>A commit whose pages are written, and that nothing in the file refers to yet.</summary>
    /// <param name="State">What it makes of the database.</param>
    /// <param name="Class">What must be flushed before its meta is written.</param>
    /// <param name="MetaBlock">Its meta, if it is to be written.</param>
    /// <param name="Replaced">Pages of it that a transaction which is open has replaced, if there is one.</param>
    private readonly record struct Flight(
        PublishedState State, CommitClass Class, byte[] MetaBlock, List<(ulong Page, ulong Pages)>? Replaced);
}
