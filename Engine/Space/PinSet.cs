using System.Runtime.InteropServices;

namespace Engine.Space;

/// <summary>
/// The pins, ascending by transaction id. New pins are always the newest; an old one never comes back, which is what
/// makes "reusable now" mean "reusable for ever". Those that a name holds are nobody's business until it goes: what is
/// done for each commit looks at the others only, so a thousand named snapshots cost a commit nothing.
/// </summary>
internal sealed class PinSet
{
    private readonly List<Pin> _pins = [];

    /// <summary>The held ones that were named by nothing when they were last looked at, in no order.</summary>
    private readonly List<Pin> _loose = [];

    /// <summary>The released ones whose buckets are not drained yet, ascending.</summary>
    private readonly List<Pin> _released = [];

    /// <summary>Names that went, and the transactions that took them, ascending by these.</summary>
    private readonly Queue<(ulong Transaction, ulong Id)> _formerNames = new();

    private readonly Stack<Pin> _unused = new();
    private ulong[] _sorted = [];

    /// <summary>The pins, and the released ones whose buckets are not drained yet, ascending.</summary>
    public ReadOnlySpan<Pin> Pins => CollectionsMarshal.AsSpan(_pins);

    /// <summary>The released ones whose buckets are not drained yet, ascending.</summary>
    public ReadOnlySpan<Pin> Released => CollectionsMarshal.AsSpan(_released);

    /// <summary>How many named snapshots there are.</summary>
    public int Names { get; private set; }

    /// <summary>Adds a pin, newer than all that are held; adding a held one again changes nothing.</summary>
    public void Add(ulong id)
    {
        var index = IndexOf(id);
        if (index >= 0 && _pins[index].IsHeld)
        {
            return;
        }

        // A released pin with this id is possible only if nothing newer is held: an aborted commit whose id is used
        // again.
        if (FindBelow(ulong.MaxValue) is { } newest && newest.Id > id)
        {
            throw new InvalidOperationException(
                $"Transaction {id} cannot be pinned: {newest.Id} is pinned, and pages of older snapshots may be gone.");
        }

        if (index >= 0)
        {
            _pins[index].IsHeld = true;
            _released.Remove(_pins[index]);
            _loose.Add(_pins[index]);
            return;
        }

        var pin = _unused.Count > 0 ? _unused.Pop() : new Pin();
        pin.Start(id);
        _pins.Insert(~index, pin);
        _loose.Add(pin);
    }

    /// <summary>A named snapshot is of this state, which is held already.</summary>
    public void AddName(ulong id)
    {
        var index = IndexOf(id);
        if (index < 0 || !_pins[index].IsHeld)
        {
            throw new InvalidOperationException($"Transaction {id} cannot be named: its pages may be gone.");
        }

        _pins[index].Names++;
        Names++;
    }

    /// <summary>A transaction takes a name away. Until it is durable the name holds what it held.</summary>
    public void RemoveName(ulong id, ulong transaction)
    {
        var pin = _pins[IndexOf(id)];
        pin.Names--;
        pin.FormerNames++;
        Names--;
        _formerNames.Enqueue((transaction, id));
    }

    /// <summary>The newest held pin below a transaction.</summary>
    public Pin? FindBelow(ulong id)
    {
        var index = IndexOf(id);
        return FindHeldAtOrBelow((index >= 0 ? index : ~index) - 1);
    }

    /// <summary>
    /// Marks every pin that nothing names and that is not in <paramref name="held"/> (in any order) as released; ids
    /// that are no pins are ignored.
    /// </summary>
    /// <param name="held">The ids that are held now.</param>
    /// <param name="always">One more id that is held.</param>
    /// <param name="durable">Names that were taken away by then hold nothing any more.</param>
    public void ReleaseExcept(ReadOnlySpan<ulong> held, ulong always, ulong durable)
    {
        const int FewEnoughToScan = 16;
        ForgetNames(durable);
        if (held.Length > FewEnoughToScan)
        {
            if (_sorted.Length < held.Length)
            {
                _sorted = new ulong[held.Length * 2];
            }

            held.CopyTo(_sorted);
            held = _sorted.AsSpan(0, held.Length);
            _sorted.AsSpan(0, held.Length).Sort();
        }

        var kept = 0;
        for (var i = 0; i < _loose.Count; i++)
        {
            var pin = _loose[i];
            if (pin.IsNamed)
            {
                continue;
            }

            var isHeld = pin.Id == always
                || (held.Length > FewEnoughToScan ? held.BinarySearch(pin.Id) >= 0 : held.Contains(pin.Id));
            if (isHeld)
            {
                _loose[kept++] = pin;
            }
            else
            {
                Release(pin);
            }
        }

        _loose.RemoveRange(kept, _loose.Count - kept);
    }

    /// <summary>The oldest released pin that still has entries, with the newest held one below it.</summary>
    public bool TryGetReleased(out Pin released, out Pin? older)
    {
        if (_released.Count == 0)
        {
            released = null!;
            older = null;
            return false;
        }

        released = _released[0];
        older = FindBelow(released.Id);
        return true;
    }

    /// <summary>Forgets a released pin whose bucket is empty.</summary>
    public void Remove(Pin pin)
    {
        _released.Remove(pin);
        RemoveAt(IndexOf(pin.Id));
    }

    private void ForgetNames(ulong durable)
    {
        while (_formerNames.TryPeek(out var former) && former.Transaction <= durable)
        {
            _formerNames.Dequeue();
            var pin = _pins[IndexOf(former.Id)];
            pin.FormerNames--;
            if (!pin.IsNamed && !_loose.Contains(pin))
            {
                _loose.Add(pin);
            }
        }
    }

    private void Release(Pin pin)
    {
        pin.IsHeld = false;
        if (pin.Count == 0)
        {
            RemoveAt(IndexOf(pin.Id));
            return;
        }

        var at = _released.Count;
        while (at > 0 && _released[at - 1].Id > pin.Id)
        {
            at--;
        }

        _released.Insert(at, pin);
    }

    private void RemoveAt(int index)
    {
        _unused.Push(_pins[index]);
        _pins.RemoveAt(index);
    }

    private Pin? FindHeldAtOrBelow(int index)
    {
        for (; index >= 0; index--)
        {
            if (_pins[index].IsHeld)
            {
                return _pins[index];
            }
        }

        return null;
    }

    private int IndexOf(ulong id)
    {
        var low = 0;
        var high = _pins.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (_pins[middle].Id == id)
            {
                return middle;
            }

            if (_pins[middle].Id < id)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
    }
}
