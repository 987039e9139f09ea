using System.Runtime.InteropServices;

namespace Engine.Space;

/// <summary>
/// The pins, ascending by transaction id. New pins are always the newest; an old one never comes back, which is what
/// makes "reusable now" mean "reusable for ever".
/// </summary>
internal sealed class PinSet
{
    private readonly List<Pin> _pins = [];
    private readonly Stack<Pin> _unused = new();
    private ulong[] _sorted = [];

    /// <summary>The pins, and the released ones whose buckets are not drained yet, ascending.</summary>
    public ReadOnlySpan<Pin> Pins => CollectionsMarshal.AsSpan(_pins);

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
            return;
        }

        var pin = _unused.Count > 0 ? _unused.Pop() : new Pin();
        pin.Start(id);
        _pins.Insert(~index, pin);
    }

    /// <summary>The newest held pin below a transaction.</summary>
    public Pin? FindBelow(ulong id)
    {
        var index = IndexOf(id);
        return FindHeldAtOrBelow((index >= 0 ? index : ~index) - 1);
    }

    /// <summary>
    /// Marks every pin that is not in <paramref name="held"/> (in any order) as released; ids that are no pins are
    /// ignored.
    /// </summary>
    /// <param name="held">The ids that are held now.</param>
    /// <param name="always">One more id that is held.</param>
    public void ReleaseExcept(ReadOnlySpan<ulong> held, ulong always)
    {
        const int FewEnoughToScan = 16;
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

        for (var i = _pins.Count - 1; i >= 0; i--)
        {
            var pin = _pins[i];
            var isHeld = pin.Id == always
                || (held.Length > FewEnoughToScan ? held.BinarySearch(pin.Id) >= 0 : held.Contains(pin.Id));
            if (!isHeld)
            {
                pin.IsHeld = false;
                if (pin.Count == 0)
                {
                    RemoveAt(i);
                }
            }
        }
    }

    /// <summary>The oldest released pin that still has entries, with the newest held one below it.</summary>
    public bool TryGetReleased(out Pin released, out Pin? older)
    {
        older = null;
        foreach (var pin in _pins)
        {
            if (!pin.IsHeld)
            {
                released = pin;
                return true;
            }

            older = pin;
        }

        released = null!;
        return false;
    }

    /// <summary>Forgets a released pin whose bucket is empty.</summary>
    public void Remove(Pin pin) => RemoveAt(IndexOf(pin.Id));

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
