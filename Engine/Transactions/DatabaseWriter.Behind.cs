using System.Diagnostics;
using Engine.Space;

namespace Engine.Transactions;

/// <content>
/// A transaction that stays open holds up nobody who committed before it began: after a while, or before it writes
/// anything early, those are committed without it (<see cref="WriteContext.CopyMembers"/>), and it goes on on top of
/// them.
/// </content>
internal sealed partial class DatabaseWriter
{
    /// <summary>
    /// What is committed in the place of the context whose transaction is open; made when it is needed.
    /// </summary>
    private WriteContext? _behind;

    /// <summary>
    /// Flies for those who wait, without the transaction that is open, which is halted between two operations. On the
    /// flusher's thread, which is entitled to fly.
    /// </summary>
    /// <returns>
    /// False if there is nobody to fly for, or the transaction does not halt, or the database is being closed; it has
    /// not flown.
    /// </returns>
    private bool TryFlyBehind()
    {
        // Nobody begins meanwhile, and nobody ends: then there would be another one open, or none.
        using (Uninterrupted.Enter(_beginning))
        {
            _beginning.Enter();
        }

        if (!_context.State.TryPause())
        {
            _beginning.Exit();
            return false;
        }

        if (!_context.IsOnTop)
        {
            LetGoOn();
            return false;
        }

        FlyBehind(LetGoOn);
        EndFlight();
        return true;
    }

    /// <summary>The open transaction was halted, and may go on.</summary>
    private void LetGoOn()
    {
        _context.State.Resume();
        _beginning.Exit();
    }

    /// <summary>
    /// The transaction that is open is about to write something to the file, within an operation: first those before it
    /// are committed, so that what it writes is its own.
    /// </summary>
    private void FlyBefore()
    {
        if (_context.IsOnTop)
        {
            FlyBehind(static () => { });
            _context.State.RequireIntact();
        }
    }

    /// <summary>Commits those who wait, and tells them. Nothing is thrown: they are told.</summary>
    /// <param name="resume">Called as soon as the open transaction may go on.</param>
    private void FlyBehind(Action resume)
    {
        CommitGroup? group = null;
        var isHalted = true;
        try
        {
            ulong id;
            ActivityContext flush;
            using (Uninterrupted.Enter(_publishing))
            {
                // Not if the database is being closed: that waits for this, as for every flight.
                TryLandBoarded();
                ThrowIfPoisoned();
                group = TakeGroup();

                // Asked once: who sees the flight may want more of it than those whom it is for.
                var isDeferred = group.IsDeferred;
                var flight = SealBehind(isDeferred);
                id = flight.State.Id;
                Show(flight, group, isDeferred);
                isHalted = false;
                resume();
                flush = Land(flight, isDeferred);
            }

            Counters.NoteLeavingOut();
            Tell(group, id, flush);
            group = null;

            // The open transaction may have ended meanwhile.
            ReleaseIfIdle();
        }
        catch (Exception e)
        {
            if (isHalted)
            {
                resume();
            }

            FailFlight(group, isOpen: !isHalted, e);
        }
    }

    /// <summary>
    /// Steps 1 to 6 for what the open transaction found when it began; it goes on on top of that, or can only be
    /// aborted.
    /// </summary>
    private Flight SealBehind(bool isDeferred)
    {
        try
        {
            _behind ??= new WriteContext(_core, _pages, _space, _room, static () => { });
            _behind.CopyMembers(_context);
            var frees = _context.SuspendFrees();
            var flight = Seal(_behind, isDeferred, default, open: _context);
            GoOn(flight, frees);
            return flight;
        }
        catch (Exception e)
        {
            // Whatever it was: the space manager forgets all of it, and the open transaction has lost its ground.
            if (_behind is { IsRunning: true } behind)
            {
                behind.Abort();
            }
            else if (_space.IsRunning)
            {
                _space.Abort();
            }

            _context.Orphan(_nextId, e);
            throw;
        }
    }

    private void GoOn(in Flight flight, SuspendedFrees frees)
    {
        try
        {
            _context.GoOn(flight.State, _nextId, flight.Replaced!, frees);
        }
        catch (Exception e)
        {
            // Out of memory, most likely: the state was taken on, and nobody will write its meta.
            throw Poison(e, "Going on after a commit");
        }
    }
}
