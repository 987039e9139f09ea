using System.Runtime.CompilerServices;

namespace Engine.Pages;

/// <summary>
/// Reading a leaf (docs/format.md section 6). The page was verified when it was first touched, or was built by this
/// process: so every offset and length in it lies inside the page, and nothing is checked again here.
/// </summary>
internal readonly unsafe struct LeafPage(Page page)
{
    private readonly byte* _address = page.Address;

    public Page Page => new(_address);

    public int Count => *(ushort*)(_address + PageLayout.CountOffset);

    private int Skip => *(ushort*)(_address + PageLayout.SkipOffset);

    private uint* Heads => (uint*)(_address + PageLayout.HeaderSize);

    private ushort* Offsets => (ushort*)(_address + PageLayout.HeaderSize + (PageLayout.HeadSize * Count));

    // Bounded by the verification: offsets[index] points at a whole cell inside the page; index < Count is the caller's
    // duty.
    private byte* Cell(int index) => _address + Offsets[index];

    /// <summary>The index of an equal key, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(ReadOnlySpan<byte> key)
    {
        fixed (byte* k = key)
        {
            var candidate = FindCandidate(k, key.Length);
            if (candidate < 0)
            {
                return candidate;
            }

            PrefetchWhole(candidate);
            return Confirm(k, key.Length, candidate);
        }
    }

    /// <summary>
    /// The first half of <see cref="Find"/>, which touches no cell: the first index whose head is the key's, or -1.
    /// Asks for the memory of its cell.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindCandidate(ReadOnlySpan<byte> key)
    {
        fixed (byte* k = key)
        {
            var candidate = FindCandidate(k, key.Length);
            if (candidate >= 0)
            {
                Page.Prefetch(Cell(candidate));
            }

            return candidate;
        }
    }

    /// <summary>
    /// The second half of <see cref="Find"/>: the index of an equal key at a candidate or behind it, or -1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Confirm(ReadOnlySpan<byte> key, int candidate)
    {
        fixed (byte* k = key)
        {
            return Confirm(k, key.Length, candidate);
        }
    }

    /// <summary>
    /// The index of the first key that is not below <paramref name="key"/> (Count if there is none), and whether it is
    /// equal.
    /// </summary>
    public int LowerBound(ReadOnlySpan<byte> key, out bool isEqual)
    {
        fixed (byte* k = key)
        {
            var count = Count;
            var skip = Skip;
            if (skip > 0)
            {
                // All keys share the first skip bytes, so any cell can stand for them; a key that differs there lies
                // before or behind the whole page.
                var cell = Cell(0) + PageLayout.LeafCellHeader;
                var order = Keys.Compare(k, Math.Min(key.Length, skip), cell, skip);
                if (order != 0)
                {
                    isEqual = false;
                    return order < 0 ? 0 : count;
                }
            }

            var target = Keys.Head(k, key.Length, skip);
            var low = HeadSearch.CountBelow(Heads, count, target);
            var high = HeadSearch.EndOfTies(Heads, low, count, target);
            return LowerBound(k, key.Length, low, high, skip, out isEqual);
        }
    }

    /// <summary>
    /// Cells that a walk asks for ahead of the one that it reads: they lie in the order in which they were put, so the
    /// processor does not foresee them.
    /// </summary>
    public const int Ahead = 4;

    /// <summary>A page of so few cells is likely to have longer ones than a prefetch of some lines covers.</summary>
    private const int FewCells = 16;

    /// <summary>Asks for the memory of a cell that will be read soon, if there is one at the index.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchCell(int index)
    {
        if ((uint)index < (uint)Count)
        {
            Page.Prefetch(Cell(index));
        }
    }

    /// <summary>Asks for the cells that a walk reads before it asks ahead by itself.</summary>
    /// <param name="index">Where the walk begins.</param>
    /// <param name="step">1 upwards, -1 downwards.</param>
    public void PrefetchWalk(int index, int step)
    {
        for (var i = 0; i < Ahead; i++)
        {
            PrefetchCell(index + (step * i));
        }
    }

    /// <summary>The key at an index; the span lives as long as the page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Key(int index)
    {
        var cell = Cell(index);
        return new ReadOnlySpan<byte>(cell + PageLayout.LeafCellHeader, *(ushort*)cell);
    }

    /// <summary>
    /// The inline value at an index, writable in a dirty page; false when the value is in an overflow run.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGetInlineValue(int index, out Span<byte> value)
    {
        var cell = Cell(index);
        int field = *(ushort*)(cell + 2);
        if ((field & PageLayout.OverflowBit) != 0)
        {
            value = default;
            return false;
        }

        value = new Span<byte>(cell + PageLayout.LeafCellHeader + *(ushort*)cell, field);
        return true;
    }

    public bool IsOverflow(int index) => (*(ushort*)(Cell(index) + 2) & PageLayout.OverflowBit) != 0;

    /// <summary>The reference of an overflow value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public OverflowReference Overflow(int index)
    {
        var cell = Cell(index);
        var reference = cell + PageLayout.LeafCellHeader + *(ushort*)cell;
        return new OverflowReference(
            *(ulong*)reference, *(ulong*)(reference + 8), *(uint*)(reference + 16), *(uint*)(reference + 20));
    }

    /// <summary>Replaces the reference of an overflow value in a dirty page.</summary>
    public void SetOverflow(int index, OverflowReference value)
    {
        var cell = Cell(index);
        value.Write(
            new Span<byte>(cell + PageLayout.LeafCellHeader + *(ushort*)cell, PageLayout.OverflowReferenceSize));
    }

    /// <summary>Bytes of the cell at an index, without its slot.</summary>
    public int CellSize(int index) => CellSize(Cell(index));

    /// <summary>The raw cell, for copying it into another page.</summary>
    public ReadOnlySpan<byte> CellBytes(int index)
    {
        var cell = Cell(index);
        return new ReadOnlySpan<byte>(cell, CellSize(cell));
    }

    public static int CellSize(byte* cell)
    {
        int field = *(ushort*)(cell + 2);
        var value = (field & PageLayout.OverflowBit) != 0 ? PageLayout.OverflowReferenceSize : field;
        return PageLayout.LeafCellHeader + *(ushort*)cell + value;
    }

    /// <summary>
    /// Asks for all lines of a cell at once. Where its value ends is known only when its first line has come, so
    /// whoever reads a long one to its end would wait for memory twice.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PrefetchWhole(int index)
    {
        var cell = Cell(index);
        Page.Prefetch(cell);
        if (Count <= FewCells)
        {
            PrefetchTail(_address, cell);
        }
    }

    /// <summary>
    /// The lines of a cell behind the first ones, if it is as long as those of its page are on average.
    /// </summary>
    private static void PrefetchTail(byte* page, byte* cell)
    {
        var length = new Page(page).HeapBytes / new Page(page).Count;
        Page.PrefetchTail(cell, length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FindCandidate(byte* key, int length)
    {
        var count = Count;
        var target = Keys.Head(key, length, Skip);
        var low = HeadSearch.CountBelow(Heads, count, target);
        return low == count || Heads[low] != target ? -1 : low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Confirm(byte* key, int length, int low)
    {
        var cell = Cell(low);
        if (Keys.AreEqual(key, length, cell + PageLayout.LeafCellHeader, *(ushort*)cell))
        {
            return low;
        }

        var heads = Heads;
        var target = heads[low];
        return low + 1 == Count || heads[low + 1] != target ? -1 : FindInTies(key, length, low, target);
    }

    private int FindInTies(byte* key, int length, int low, uint target)
    {
        var high = HeadSearch.EndOfTies(Heads, low, Count, target);
        var index = LowerBound(key, length, low, high, 0, out var isEqual);
        return isEqual ? index : -1;
    }

    /// <summary>Binary search among keys whose heads are equal.</summary>
    private int LowerBound(byte* key, int length, int low, int high, int shared, out bool isEqual)
    {
        isEqual = false;
        while (low < high)
        {
            var middle = (low + high) >> 1;
            var cell = Cell(middle);
            var order = Keys.Compare(key, length, cell + PageLayout.LeafCellHeader, *(ushort*)cell, shared);
            if (order <= 0)
            {
                high = middle;
                isEqual = order == 0;
                if (isEqual)
                {
                    return middle;
                }
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
