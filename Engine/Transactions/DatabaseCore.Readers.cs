using System.Runtime.CompilerServices;

namespace Engine.Transactions;

/// <content>Readers: a slot, a pin, a context. Nothing here allocates once a slot has been used before.</content>
internal sealed partial class DatabaseCore
{
    private readonly Lock _contextsLock = new();
    private readonly HashSet<SharedPin> _shared = [];
    private ReaderContext?[] _contexts = new ReaderContext?[8];

    /// <summary>Pins the newest published state and points a context at it.</summary>
    /// <param name="epoch">The context's epoch while it serves this transaction.</param>
    public ReaderContext BeginRead(out int epoch) => BeginRead(default(NoPause), out epoch);

    /// <inheritdoc cref="BeginRead(out int)"/>
    public ReaderContext BeginRead<TPause>(TPause pause, out int epoch)
        where TPause : struct, IBeginPause
    {
        ThrowIfDisposed();
        var slot = _lock.Readers.Claim();
        try
        {
            var state = PinNewest(slot, pause);
            var contexts = Volatile.Read(ref _contexts);
            var context = slot < contexts.Length ? contexts[slot] : null;
            context ??= AddContext(slot);
            context.Attach(state, _verified);
            epoch = Volatile.Read(ref context.Epoch);

            // Closing sets the flag, fences, moves the epochs, then looks for claimed slots. Either it is seen here; or it comes later, moves the epoch that was
            // read, sees the slot, and leaves the maps alone.
            ThrowIfDisposed();
            pause.WhenBegun();
            return context;
        }
        catch
        {
            _lock.Readers.Release(slot);
            throw;
        }
    }

    /// <summary>Ends the transaction that a context served; false if that was done before, or if a write transaction's callback has it.</summary>
    public bool EndRead(ReaderContext context, int epoch)
    {
        if (context.IsView || !context.TryEnd(epoch))
        {
            return false;
        }

        if (context.Pin is { } pin)
        {
            pin.EndRead(context);
        }
        else
        {
            _lock.Readers.Release(context.Slot);
        }

        return true;
    }

    /// <summary>Pins the newest published state for a snapshot object.</summary>
    public SharedPin BeginShared() => BeginShared(default(NoPause));

    /// <inheritdoc cref="BeginShared()"/>
    public SharedPin BeginShared<TPause>(TPause pause)
        where TPause : struct, IBeginPause
    {
        ThrowIfDisposed();
        var slot = _lock.Readers.Claim();
        try
        {
            var pin = new SharedPin(this, slot, PinNewest(slot, pause));
            lock (_contextsLock)
            {
                // In here: closing sets the flag, then ends the pins that it finds under this lock.
                ThrowIfDisposed();
                _shared.Add(pin);
            }

            return pin;
        }
        catch
        {
            _lock.Readers.Release(slot);
            throw;
        }
    }

    /// <summary>The last user of a shared pin is gone.</summary>
    public void EndShared(SharedPin pin)
    {
        lock (_contextsLock)
        {
            _shared.Remove(pin);
        }

        _lock.Readers.Release(pin.Slot);
    }

    public ReaderContext NewContext(SharedPin pin)
    {
        ThrowIfDisposed();
        var context = new ReaderContext(PageSize, pin);
        context.Attach(pin.State, _verified);
        return context;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PublishedState PinNewest<TPause>(int slot, TPause pause)
        where TPause : struct, IBeginPause
    {
        while (true)
        {
            var state = Volatile.Read(ref _published);
            pause.WhenChosen();

            // The pin ends with a full fence. A writer publishes, fences, then scans the slots: either it sees this pin, or the state moved here.
            _lock.Readers.Pin(slot, state.Id);
            if (ReferenceEquals(Volatile.Read(ref _published), state)
                && (!_options.ReadOnly || _lock.IsStill(state.SeenId, state.SeenSession)))
            {
                return state;
            }

            if (_options.ReadOnly)
            {
                Refresh(slot);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReaderContext AddContext(int slot)
    {
        lock (_contextsLock)
        {
            if (slot >= _contexts.Length)
            {
                var larger = new ReaderContext?[Math.Max(slot + 1, _contexts.Length * 2)];
                _contexts.CopyTo(larger, 0);
                Volatile.Write(ref _contexts, larger);
            }

            return _contexts[slot] ??= new ReaderContext(PageSize, slot);
        }
    }

    /// <summary>Ends every transaction that is still open, so that its next use is told.</summary>
    private void EndOpenReaders()
    {
        SharedPin[] shared;
        lock (_contextsLock)
        {
            foreach (var context in _contexts)
            {
                if (context is not null)
                {
                    Interlocked.Increment(ref context.Epoch);
                }
            }

            shared = [.. _shared];
        }

        foreach (var pin in shared)
        {
            pin.EndAll();
        }
    }
}
