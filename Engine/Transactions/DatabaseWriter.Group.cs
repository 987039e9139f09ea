using Engine.Pages;

namespace Engine.Transactions;

/// <content>
/// Group commit. One physical commit is under way at a time: a <em>flight</em>, from when its pages are collected to when
/// its promise is met. Whoever commits while there is none flies at once, on its own thread. While the disk works, the
/// gate is open: transactions run on top of the state in flight, one after the other, each behind a savepoint, and join
/// the next flight by committing. It departs when the one before has landed, on the flusher's thread.
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
    /// Flies for those who wait in the group, on the flusher's thread: it is entitled to, because the flight before this
    /// one has said so.
    /// </summary>
    public void FlyGroup()
    {
        var state = _gate.EnterFirst(_options.SealPatience);
        while (state == GateState.TimedOut)
        {
            if (TryFlyBehind())
            {
                return;
            }

            state = _gate.EnterFirst(HasGroup() ? _options.SealPatience : Timeout.InfiniteTimeSpan);
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

        var group = TakeGroup();
        if (!_context.HasMembers)
        {
            // They failed, or somebody else has flown for them.
            AbortAll();
            EndFlight();
            return;
        }

        try
        {
            Fly(group, group.IsDeferred, default);
        }
        catch (Exception)
        {
            // Everybody was told who waits.
        }
    }

    /// <summary>
    /// Lets the transaction that was entered share the next commit, if one is under way. Then it has ended, and the gate
    /// is open.
    /// </summary>
    /// <param name="isDeferred">Whether visible is enough.</param>
    /// <param name="ticket">Is told.</param>
    /// <param name="departs">Whether the flusher is to fly if nobody does.</param>
    /// <returns>False if nobody flies: then the caller does, and nobody else.</returns>
    private bool TryJoin(bool isDeferred, CommitTicket ticket, bool departs)
    {
        ThrowIfUnusable();
        bool isFirst;
        lock (_flights)
        {
            isFirst = !_isFlying;
            _isFlying = true;
            if (isFirst && !departs)
            {
                return false;
            }

            _group.Add(ticket, isDeferred);
        }

        _context.EndMember();
        Leave();
        if (isFirst)
        {
            Depart();
        }

        return true;
    }

    /// <summary>
    /// Ends a transaction that changed nothing, and opens the gate. Its promise is met when that of all that it saw is.
    /// </summary>
    /// <returns>The id of the state that it saw, if there is nothing to wait for; otherwise the ticket tells it.</returns>
    private ulong? TryEndUnchanged(bool isDeferred, CommitTicket ticket)
    {
        try
        {
            if (_context.HasMembers)
            {
                _context.AbortMember();
            }
            else
            {
                _context.Abort();
            }

            lock (_flights)
            {
                // It saw those who wait for the next flight, or the state in flight.
                var seen = _context.HasMembers ? _group : _flight;
                if (seen is not null)
                {
                    seen.Add(ticket, isDeferred);
                    return null;
                }
            }

            if (!isDeferred && !IsAllDurable)
            {
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

    private bool HasGroup()
    {
        lock (_flights)
        {
            return _group.Count > 0;
        }
    }

    private CommitGroup TakeGroup()
    {
        lock (_flights)
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
    /// <param name="group">Who waits for it, the caller excepted.</param>
    /// <param name="isDeferred">Whether visible is enough.</param>
    /// <param name="cancellationToken">Looked at until others may build on the commit.</param>
    /// <returns>The id of the committed state.</returns>
    private ulong Fly(CommitGroup group, bool isDeferred, CancellationToken cancellationToken)
    {
        var isOpen = false;
        try
        {
            ulong id;
            lock (_publishing)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ThrowIfUnusable();
                var flight = Seal(_context, isDeferred, cancellationToken);
                id = flight.State.Id;
                ShowFlight(flight, group, isDeferred);

                isOpen = true;
                Leave();
                if (!isDeferred)
                {
                    Land(flight);
                }
                else if (MustFlush())
                {
                    FlushDeferred();
                }

                lock (_flights)
                {
                    _flight = null;
                }
            }

            group.Complete(id);
            Reuse(group);
            ReleaseIfIdle();
            return id;
        }
        catch (Exception e)
        {
            if (!isOpen)
            {
                AbortAll();
            }

            FailFlight(group, e);
            throw;
        }
        finally
        {
            EndFlight();
        }
    }

    /// <summary>
    /// From when the gate opens on, whoever sees the state without changing it waits for its landing. What is deferred
    /// does not land: it is visible at once, and who wants more of it than that flushes.
    /// </summary>
    private void ShowFlight(in Flight flight, CommitGroup group, bool isDeferred)
    {
        if (isDeferred)
        {
            _core.Publish(flight.State);
            return;
        }

        lock (_flights)
        {
            _flight = group;
        }
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
    /// Tells those who waited for a flight that it failed; if that leaves the outcome unknown, those of the next one,
    /// too, who built on it. What they left in memory goes with whoever holds the gate.
    /// </summary>
    private void FailFlight(CommitGroup group, Exception failure)
    {
        CommitGroup? next = null;
        lock (_flights)
        {
            _flight = null;
            if (_poison is not null)
            {
                next = _group;
                _group = NewGroup();
            }
        }

        group.Fail(failure);
        next?.Fail(failure);
    }

    /// <summary>A flight has landed, or did not take place. If others wait, the flusher is the next to fly.</summary>
    private void EndFlight()
    {
        lock (_flights)
        {
            if (_group.Count == 0)
            {
                _isFlying = false;
                return;
            }
        }

        Depart();
    }

    /// <summary>The flusher flies next, for those in the group.</summary>
    private void Depart()
    {
        var job = new SealJob(this);
        if (!_flusher.TryPost(job))
        {
            job.Run();
        }
    }

    /// <summary>For closing: commits for those who still wait, if it can be done, and tells them.</summary>
    private void FlyLast()
    {
        var group = TakeGroup();
        try
        {
            if (_context.HasMembers && _poison is null)
            {
                _context.AbortMember();
                var flight = Seal(_context, group.IsDeferred, default);
                if (group.IsDeferred)
                {
                    _core.Publish(flight.State);
                }
                else
                {
                    Land(flight);
                }

                group.Complete(flight.State.Id);
            }
            else
            {
                _context.Abort();
                ThrowIfPoisoned();
            }
        }
        catch (Exception e)
        {
            _context.Abort();
            group.Fail(e);
        }
    }

    /// <summary>A commit whose pages are written, and that nothing in the file refers to yet.</summary>
    /// <param name="State">What it makes of the database.</param>
    /// <param name="Class">What must be flushed before its meta is written.</param>
    /// <param name="Replaced">Pages of it that a transaction which is open has replaced, if there is one.</param>
    private readonly record struct Flight(
        PublishedState State, CommitClass Class, List<(ulong Page, ulong Pages)>? Replaced);
}
