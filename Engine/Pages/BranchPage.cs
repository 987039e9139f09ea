using System.Runtime.CompilerServices;

namespace Engine.Pages;

/// <summary>
/// Reading a branch (docs/format.md section 7); verified like a leaf, so nothing is checked again here.
/// </summary>
internal readonly unsafe struct BranchPage(Page page)
{
    private readonly byte* _address = page.Address;

    public Page Page => new(_address);

    public int Count => *(ushort*)(_address + PageLayout.CountOffset);

    private int Skip => *(ushort*)(_address + PageLayout.SkipOffset);

    private uint* Heads => (uint*)(_address + PageLayout.HeaderSize);

    private byte* Children => _address + PageLayout.HeaderSize + (PageLayout.HeadSize * Count);

    private ushort* Offsets =>
        (ushort*)(_address + PageLayout.HeaderSize + ((PageLayout.HeadSize + PageLayout.ChildSize) * Count));

    /// <summary>Whether each child's entry count is there.</summary>
    public bool IsCounted => Page.IsCounted;

    /// <summary>The entries below all children; the page has counts.</summary>
    public ulong EntriesBelow => Counts.Sum(0, Count);

    // Behind the offsets.
    private EntryCounts Counts =>
        new(_address + PageLayout.HeaderSize + (PageLayout.BranchSlotSize * Count), PageLayout.CountSize(Page.Level));

    // Bounded by the verification, as in a leaf.
    private byte* Cell(int index) => _address + Offsets[index];

    /// <summary>The index of the child that a key belongs to: the number of separators that are not above it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(ReadOnlySpan<byte> key)
    {
        var count = Count;
        if (count == 1)
        {
            return 0;
        }

        fixed (byte* k = key)
        {
            var skip = Skip;
            if (skip > 0)
            {
                var cell = Cell(1) + PageLayout.BranchCellHeader;
                var order = Keys.Compare(k, Math.Min(key.Length, skip), cell, skip);
                if (order != 0)
                {
                    return order < 0 ? 0 : count - 1;
                }
            }

            // Head 0 stands for "below everything"; the count starts behind it, so the result is the child's index as
            // it is.
            var target = Keys.Head(k, key.Length, skip);
            var heads = Heads + 1;
            var low = HeadSearch.CountBelow(heads, count - 1, target);
            if (low == count - 1 || heads[low] != target)
            {
                return low;
            }

            return FindInTies(k, key.Length, low, target, skip);
        }
    }

    /// <summary>The child's reference: a page number, or a dirty reference while a write transaction is open.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Child(int index) => *(ulong*)(Children + (PageLayout.ChildSize * index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ChildCrc(int index) => *(uint*)(Children + (PageLayout.ChildSize * index) + 8);

    /// <summary>How many children from an index on are those of another branch from one of its indexes on.</summary>
    public int CountCommonChildren(int index, BranchPage other, int otherIndex) =>
        ChildrenFrom(index).CommonPrefixLength(other.ChildrenFrom(otherIndex)) / PageLayout.ChildSize;

    /// <summary>The first child from an index on that is in the dirty list; -1 if there is none.</summary>
    public int NextDirtyChild(int from)
    {
        // Bounded as every access to a child. The bit is the highest one of eight bytes.
        var count = Count;
        var last = Children + 7;
        for (var i = from; i < count; i++)
        {
            if ((last[PageLayout.ChildSize * i] & (PageSource.DirtyBit >> 56)) != 0)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Changes a child's reference in a dirty page.</summary>
    public void SetChild(int index, ulong child, uint crc)
    {
        var entry = Children + (PageLayout.ChildSize * index);
        *(ulong*)entry = child;
        *(uint*)(entry + 8) = crc;
    }

    /// <summary>The entries below a child; the page has counts.</summary>
    public ulong EntryCount(int index) => Counts[index];

    /// <summary>Changes a child's entry count in a dirty page that has counts.</summary>
    public void SetEntryCount(int index, ulong entries)
    {
        var counts = Counts;
        counts[index] = entries;
    }

    /// <summary>The entries below the children before one; the page has counts.</summary>
    public ulong CountBelow(int index) => Counts.Sum(0, index);

    /// <summary>The child that an entry lies below, by the entry's rank; the page has counts.</summary>
    /// <param name="rank">
    /// How many entries below this branch come before it; becomes how many below the child do.
    /// </param>
    /// <returns>The child's index; the number of children if there are not so many entries.</returns>
    public int FindByRank(ref ulong rank)
    {
        // Some at once, then one by one.
        const int Step = 16;
        var counts = Counts;
        var count = Count;
        var i = 0;
        for (; i <= count - Step; i += Step)
        {
            var sum = counts.Sum(i, Step);
            if (sum > rank)
            {
                break;
            }

            rank -= sum;
        }

        for (; i < count && counts[i] <= rank; i++)
        {
            rank -= counts[i];
        }

        return i;
    }

    /// <summary>The separator at an index (empty at 0); the span lives as long as the page.</summary>
    public ReadOnlySpan<byte> Separator(int index)
    {
        var cell = Cell(index);
        return new ReadOnlySpan<byte>(cell + PageLayout.BranchCellHeader, *(ushort*)cell);
    }

    public int CellSize(int index) => PageLayout.BranchCellHeader + *(ushort*)Cell(index);

    // Bounded as every access to a child.
    private ReadOnlySpan<byte> ChildrenFrom(int index) =>
        new(Children + (PageLayout.ChildSize * index), PageLayout.ChildSize * (Count - index));

    private int FindInTies(byte* key, int length, int low, uint target, int shared)
    {
        // Upper bound among the separators with an equal head; index i of the search is separator i + 1.
        var high = HeadSearch.EndOfTies(Heads + 1, low, Count - 1, target);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            var cell = Cell(middle + 1);
            if (Keys.Compare(key, length, cell + PageLayout.BranchCellHeader, *(ushort*)cell, shared) < 0)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
