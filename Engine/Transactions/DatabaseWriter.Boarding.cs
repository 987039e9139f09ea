using System.Diagnostics;
using Engine.Pages;

namespace Engine.Transactions;

/// <content>
/// A group may board while the flight ahead of it is in the air: its pages are collected, numbered, summed and written
/// by the one who joined last, so that the disk need not wait for that when the flight has landed. Its meta is written
/// then and not before: it takes the place of the one that was durable until then, and names the one that is now.
/// docs/design.md has the rules.
/// </content>
internal sealed partial class DatabaseWriter
{
    /// <summary>
    /// A group with so many bytes of dirty pages boards whoever may be about to join it: larger ones would be executed,
    /// sealed and flushed one after the other, with nothing beside each (docs/performance.md).
    /// </summary>
    private const long FullBytes = 2 * 1024 * 1024;

    /// <summary>The flight that has boarded and lands next. Under <see cref="_flights"/>.</summary>
    private BoardedFlight? _boarded;

    /// <summary>Whether a flight lands just now. Under <see cref="_publishing"/>.</summary>
    private bool _isLanding;

    /// <summary>Whether somebody seals it just now. Under <see cref="_flights"/>.</summary>
    private bool _isBoarding;

    /// <summary>Whether the flight ahead has ended meanwhile. Under <see cref="_flights"/>.</summary>
    private bool _isDepartureDue;

    /// <summary>The flight behind which boarding has failed. Used by whoever holds the gate.</summary>
    private ulong _refused;

    /// <summary>How many were told by the last flight that landed: so many may come again.</summary>
    private volatile int _told;

    private bool HasBoarded
    {
        get
        {
            using (Uninterrupted.Enter(_flights))
            {
                return _boarded is not null;
            }
        }
    }

    /// <summary>
    /// Decides whether the group is sealed now: a durable flight is in the air, and the group is full, or there is
    /// enough to do, everybody has come who was told by the flight before, and nobody else waits. Who comes later takes
    /// the flight after, and would have taken this one. The caller holds the gate; if this is true it calls
    /// <see cref="Board"/>.
    /// </summary>
    private bool ShallBoard()
    {
        var least = _options.BoardingBytes;
        var bytes = _context.BytesToWrite;
        if (least < 0 || bytes < least || _core.Newest.Id == _refused)
        {
            return false;
        }

        var waitsForNobody = least == 0 || bytes >= FullBytes;
        if (!waitsForNobody && (_gate.Waiting > 0 || CallsWait()))
        {
            return false;
        }

        using (Uninterrupted.Enter(_flights))
        {
            if (_flight is null
                || _boarded is not null
                || _isBoarding
                || _group.IsDeferred
                || (!waitsForNobody && _group.Changed < _told))
            {
                return false;
            }

            return _isBoarding = true;
        }
    }

    /// <summary>
    /// Seals the group, and opens the gate. If that fails before others can build on it, all is as if it had not been
    /// tried: the flight tries again when it is its turn, and tells what comes of it. The caller has entered the
    /// transaction that ended last, and holds the gate.
    /// </summary>
    private void Board()
    {
        CommitGroup? group = null;
        var isAccepted = false;
        try
        {
            // Nothing may fail between the accepting of its state and its being known.
            var boarded = new BoardedFlight(group = TakeGroup());

            // Before a newer one is accepted, it must be held by more than being the newest one.
            var ahead = _core.Newest.Id;
            _core.Landing = ahead;
            if (TrySeal(ahead) is { } flight)
            {
                isAccepted = true;
                boarded.Flight = flight;
                using (Uninterrupted.Enter(_flights))
                {
                    // Otherwise it has lost its ground.
                    ThrowIfPoisoned();
                    _boarded = boarded;
                }
            }
            else
            {
                _refused = ahead;
                using (Uninterrupted.Enter(_flights))
                {
                    Reuse(_group);
                    _group = group;
                }
            }
        }
        catch (Exception e)
        {
            if (isAccepted && _poison is null)
            {
                Poison(e, "Taking on a commit");
            }

            FailBoarding(group, e);
        }
        finally
        {
            EndBoarding();
        }
    }

    private void EndBoarding()
    {
        bool isDue;
        using (Uninterrupted.Enter(_flights))
        {
            _isBoarding = false;
            isDue = _isDepartureDue;
            _isDepartureDue = false;
        }

        Leave();
        if (isDue)
        {
            EndFlight();
        }
    }

    private void FailBoarding(CommitGroup? group, Exception failure)
    {
        try
        {
            _context.Abort();
        }
        catch (Exception)
        {
            // Those who wait are told of what came first.
        }

        NoteFailures(group, failure);
        group?.Fail(failure);
    }

    /// <summary>Writes the pages of the group, and lets others build on them.</summary>
    /// <param name="ahead">The flight ahead.</param>
    /// <returns>Null if they could not be written, or not be mapped: then they have no numbers again.</returns>
    private Flight? TrySeal(ulong ahead)
    {
        BeginSeal(_context, isDeferred: false);
        Meta meta;
        PublishedState state;
        try
        {
            meta = WritePages(_context, mayBeVerified: true, ahead);
            state = StateOf(_context, meta);
        }
        catch (Exception e) when (_context.IsNumbered && e is not DatabaseCorruptException)
        {
            _context.TakeNumbersBack();
            return null;
        }

        return EndSeal(_context, state, meta, isDeferred: false);
    }

    private bool CallsWait()
    {
        using (Uninterrupted.Enter(_calling))
        {
            return _calls.Count > 0;
        }
    }

    /// <summary>
    /// Lands the flight that has boarded, after the one ahead of it, and tells those who waited. Throws nothing.
    /// </summary>
    /// <returns>Whether there was one.</returns>
    private bool TryLandBoarded()
    {
        CommitGroup? group = null;
        try
        {
            ulong id;
            ActivityContext flush;
            using (Uninterrupted.Enter(_publishing))
            {
                if (_isLanding)
                {
                    // This very thread: the one ahead comes first.
                    return false;
                }

                Flight flight;
                using (Uninterrupted.Enter(_flights))
                {
                    if (_boarded is not { } boarded)
                    {
                        return false;
                    }

                    flight = boarded.Flight;
                    group = boarded.Group;
                    _flight = group;
                    _boarded = null;
                }

                id = flight.State.Id;
                ThrowIfPoisoned();
                flush = Land(flight, isDeferred: false);
            }

            Tell(group, id, flush);
            group = null;
            ReleaseIfIdle();
        }
        catch (Exception e)
        {
            FailFlight(group, isOpen: true, e);
        }

        return true;
    }

    /// <summary>A flight that has boarded, and those who wait for it.</summary>
    private sealed class BoardedFlight(CommitGroup group)
    {
        public CommitGroup Group => group;

        public Flight Flight { get; set; }
    }
}
