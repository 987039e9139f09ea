using System.Runtime.CompilerServices;
using Engine.Pages;
using Engine.Storage;

namespace Engine.Transactions;

/// <summary>
/// The readers of an open database: a slot, a pin, a context each. Nothing here allocates once a slot has been used
/// before. Thread-safe.
/// </summary>
internal sealed class DatabaseReaders
{
    private readonly DatabaseCore _core;
    private readonly ReaderTable _slots;
    private readonly Lock _lock = new();
    private readonly HashSet<SharedPin> _shared = [];
    private SlotReader?[] _bySlot = new SlotReader?[8];
    private DatabaseFollower? _follower;

    public DatabaseReaders(DatabaseCore core, ReaderTable slots)
    {
        _core = core;
        _slots = slots;
    }

    /// <summary>Before any reader begins: the newest state is what another process has published last.</summary>
    public void Follow(DatabaseFollower follower) => _follower = follower;

    /// <summary>Pins the newest published state and points a context at it.</summary>
    /// <param name="epoch">The context's epoch while it serves this transaction.</param>
    public SlotReader BeginRead(out int epoch) => BeginRead(default(NoPause), out epoch);

    /// <inheritdoc cref="BeginRead(out int)"/>
    public SlotReader BeginRead<TPause>(TPause pause, out int epoch)
        where TPause : struct, IBeginPause
    {
        _core.ThrowIfDisposed();
        var slot = _slots.Claim();
        try
        {
            var state = PinNewest(slot, pause);
            var bySlot = Volatile.Read(ref _bySlot);
            var context = slot < bySlot.Length ? bySlot[slot] : null;
            context ??= AddReader(slot);
            context.Attach(state, _core.VerifiedPages);
            epoch = Volatile.Read(ref context.Epoch);

            // Closing sets the flag, fences, moves the epochs, then looks for claimed slots. Either it is seen here; or
            // it comes later, moves the epoch that was read, sees the slot, and leaves the maps alone.
            _core.ThrowIfDisposed();
            pause.WhenBegun();
            return context;
        }
        catch
        {
            _slots.Release(slot);
            throw;
        }
    }

    /// <summary>Pins the newest published state for a snapshot object.</summary>
    public SharedPin BeginShared() => BeginShared(default(NoPause));

    /// <inheritdoc cref="BeginShared()"/>
    public SharedPin BeginShared<TPause>(TPause pause)
        where TPause : struct, IBeginPause
    {
        _core.ThrowIfDisposed();
        var slot = _slots.Claim();
        try
        {
            return Share(slot, PinNewest(slot, pause));
        }
        catch
        {
            _slots.Release(slot);
            throw;
        }
    }

    /// <summary>Pins the state of a named snapshot for a snapshot object.</summary>
    /// <param name="name">The name.</param>
    /// <param name="kind">What it must be for; null: anything.</param>
    /// <param name="pause">Where a test may halt it.</param>
    /// <returns>Null if the newest published state has no such name.</returns>
    /// <exception cref="SnapshotExistsException">The name is that of something else.</exception>
    public SharedPin? TryBeginNamed<TPause>(SnapshotName name, SnapshotKind? kind, TPause pause)
        where TPause : struct, IBeginPause =>
        BeginOlder((newest, slot) => TryPinNamed(newest, slot, name, kind, pause), pause);

    /// <summary>Pins the newest durable state for a snapshot object.</summary>
    public SharedPin BeginDurable() => BeginDurable(default(NoPause));

    /// <inheritdoc cref="BeginDurable()"/>
    public SharedPin BeginDurable<TPause>(TPause pause)
        where TPause : struct, IBeginPause => _core.Writer is { } writer
        ? BeginOlder((newest, slot) => TryPinDurable(newest, slot, writer, pause), pause)!
        : BeginShared(pause);

    /// <summary>The named snapshots of the newest published state, ascending by name.</summary>
    public List<(string Name, byte[] Key, NamedState State)> ListNamed()
    {
        var pin = BeginShared();
        try
        {
            return ListNamed(pin);
        }
        finally
        {
            pin.Release();
        }
    }

    /// <summary>The named snapshots of a state that is pinned.</summary>
    public List<(string Name, byte[] Key, NamedState State)> ListNamed(SharedPin pin) =>
        SnapshotNames.List(SourceOf(pin.State), pin.State);

    /// <summary>What is known of the readers of this process, by slot: kind and tag.</summary>
    public (TransactionKind Kind, string? Tag)[] DescribeOwn(int slots)
    {
        var own = new (TransactionKind Kind, string? Tag)[slots];
        lock (_lock)
        {
            for (var slot = 0; slot < Math.Min(slots, _bySlot.Length); slot++)
            {
                own[slot].Tag = _bySlot[slot]?.Tag;
            }

            foreach (var pin in _shared)
            {
                if (pin.Slot < slots)
                {
                    own[pin.Slot] = (TransactionKind.Snapshot, pin.Tag);
                }
            }
        }

        return own;
    }

    /// <summary>The last user of a shared pin is gone.</summary>
    public void EndShared(SharedPin pin)
    {
        lock (_lock)
        {
            _shared.Remove(pin);
        }

        _slots.Release(pin.Slot);
    }

    /// <summary>A context for one more read transaction on a shared pin.</summary>
    public SnapshotReader NewReader(SharedPin pin)
    {
        _core.ThrowIfDisposed();
        var context = new SnapshotReader(_core.PageSize, pin);
        context.Attach(pin.State, _core.VerifiedPages);
        return context;
    }

    /// <summary>
    /// Ends every transaction that is still open, so that its next use is told, and gives all slots back.
    /// </summary>
    /// <returns>Whether none was open, so that nobody looks into the maps any more.</returns>
    public bool Close()
    {
        SharedPin[] shared;
        lock (_lock)
        {
            foreach (var context in _bySlot)
            {
                context?.EndAny();
            }

            shared = [.. _shared];
        }

        foreach (var pin in shared)
        {
            pin.EndAll();
        }

        return _slots.Close() == 0;
    }

    private SharedPin Share(int slot, PublishedState state)
    {
        var pin = new SharedPin(this, slot, state);
        lock (_lock)
        {
            // In here: closing sets the flag, then ends the pins that it finds under this lock.
            _core.ThrowIfDisposed();
            _shared.Add(pin);
        }

        return pin;
    }

    /// <summary>
    /// Pins a state that is not the newest, and may be nobody's by now, with the newest one pinned meanwhile: so its
    /// pages, and a map of them, are there to look into.
    /// </summary>
    /// <param name="tryPin">Pins it in a slot; null if it has to be looked for again.</param>
    /// <param name="pause">Where a test may halt it.</param>
    /// <returns>Null if there is no such state.</returns>
    private SharedPin? BeginOlder<TPause>(Func<PublishedState, int, PinnedOlder?> tryPin, TPause pause)
        where TPause : struct, IBeginPause
    {
        _core.ThrowIfDisposed();
        var first = _slots.Claim();
        try
        {
            var slot = _slots.Claim();
            try
            {
                while (true)
                {
                    if (tryPin(PinNewest(first, pause), slot) is not { } found)
                    {
                        continue;
                    }

                    if (found.State is { } state)
                    {
                        return Share(slot, state);
                    }

                    _slots.Release(slot);
                    return null;
                }
            }
            catch
            {
                _slots.Release(slot);
                throw;
            }
        }
        finally
        {
            _slots.Release(first);
        }
    }

    /// <summary>
    /// The pin ends with a full fence; a state that lacks the name is published and made durable before the slots are
    /// looked at for what it no longer holds: either the writer sees this pin, or the state that had the name is no
    /// longer the newest here.
    /// </summary>
    private PinnedOlder? TryPinNamed<TPause>(
        PublishedState newest, int slot, SnapshotName name, SnapshotKind? kind, TPause pause)
        where TPause : struct, IBeginPause
    {
        if (!SnapshotNames.TryFind(SourceOf(newest), newest, name, out var named))
        {
            return new PinnedOlder(null);
        }

        if (kind is { } wanted && wanted != named.Kind)
        {
            throw new SnapshotExistsException(
                $"'{name.Text}' is the name of a snapshot, not of a consumer. Choose another one.");
        }

        pause.WhenBegun();
        _slots.Pin(slot, named.Id);
        newest.Map.Serve(named.Id);
        return ReferenceEquals(_core.Published, newest) && (_follower is null || _follower.IsNewest(newest))
            ? new PinnedOlder(newest.Keep(named))
            : null;
    }

    /// <summary>
    /// D is pinned while it is D, and is looked at again when the slot pins it, too. The map is that of the newest
    /// state, which has all pages of an older D, but not those of a newer one.
    /// </summary>
    private PinnedOlder? TryPinDurable<TPause>(
        PublishedState newest, int slot, DatabaseWriter writer, TPause pause)
        where TPause : struct, IBeginPause
    {
        pause.WhenBegun();
        var durable = writer.Durable;
        if (durable.Id > newest.Id)
        {
            return null;
        }

        _slots.Pin(slot, durable.Id);
        newest.Map.Serve(durable.Id);
        return ReferenceEquals(writer.Durable, durable) ? new PinnedOlder(durable.On(newest)) : null;
    }

    private PageSource SourceOf(PublishedState state)
    {
        var source = new PageSource(_core.PageSize);
        state.Attach(source, _core.VerifiedPages, dirty: null);
        return source;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PublishedState PinNewest<TPause>(int slot, TPause pause)
        where TPause : struct, IBeginPause
    {
        while (true)
        {
            var state = _core.Published;
            pause.WhenChosen();

            // The pin ends with a full fence. A writer publishes, fences, then scans the slots: either it sees this
            // pin, or the state moved here.
            _slots.Pin(slot, state.Id);
            if (ReferenceEquals(_core.Published, state) && (_follower is null || _follower.IsNewest(state)))
            {
                return state;
            }

            _follower?.Refresh(slot);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private SlotReader AddReader(int slot)
    {
        lock (_lock)
        {
            if (slot >= _bySlot.Length)
            {
                var larger = new SlotReader?[Math.Max(slot + 1, _bySlot.Length * 2)];
                _bySlot.CopyTo(larger, 0);
                Volatile.Write(ref _bySlot, larger);
            }

            return _bySlot[slot] ??= new SlotReader(_core.PageSize, _slots, slot);
        }
    }

    /// <summary>A state that was pinned; null if there is none.</summary>
    private readonly record struct PinnedOlder(PublishedState? State);
}
