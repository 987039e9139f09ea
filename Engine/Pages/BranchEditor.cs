using System.Runtime.CompilerServices;

namespace Engine.Pages;

/// <summary>Changes branches in dirty buffers; keeps the same promises as <see cref="LeafEditor"/>.</summary>
/// <param name="pageSize">Page size in bytes.</param>
/// <param name="scratch">A page of memory that no page lives in, for rebuilding.</param>
internal readonly unsafe struct BranchEditor(int pageSize, Page scratch)
{
    // Bounds of all pointers below: as in LeafEditor.
    private readonly byte* _scratch = scratch.Address;

    public int Capacity => pageSize - PageLayout.HeaderSize;

    /// <summary>Bytes that a page's entries need: slots and cells.</summary>
    public static int Used(Page page) => (SlotSize(page) * page.Count) + page.HeapBytes - page.Dead;

    /// <summary>
    /// Inserts a child with its separator at index ≥ 1; false, with nothing changed, if the page has no room.
    /// </summary>
    /// <param name="page">The branch.</param>
    /// <param name="index">The child's index.</param>
    /// <param name="separator">Its separator.</param>
    /// <param name="child">Its reference.</param>
    /// <param name="crc">Its CRC.</param>
    /// <param name="entries">How many entries are below it, if the page keeps that.</param>
    public bool TryInsert(Page page, int index, ReadOnlySpan<byte> separator, ulong child, uint crc, ulong entries)
    {
        var size = PageLayout.BranchCellHeader + separator.Length;
        var countSize = page.CountSize;
        if (!MakeRoom(page, size + PageLayout.BranchSlotSize + countSize))
        {
            return false;
        }

        var count = page.Count;
        if (page.Skip > 0 && (index == 1 || index == count))
        {
            LowerSkip(page, separator);
        }

        var p = page.Address;
        var heads = p + PageLayout.HeaderSize;
        var children = heads + (PageLayout.HeadSize * count);
        var offsets = children + (PageLayout.ChildSize * count);

        // From the end backwards, each array by the slots that grow before it.
        if (countSize != 0)
        {
            var counts = offsets + (PageLayout.OffsetSize * count);
            Slots.Move(
                counts + (countSize * index),
                PageLayout.BranchSlotSize + countSize,
                countSize * (count - index));
            Slots.Move(counts, PageLayout.BranchSlotSize, countSize * index);
        }

        Slots.Move(
            offsets + (PageLayout.OffsetSize * index),
            PageLayout.BranchSlotSize,
            PageLayout.OffsetSize * (count - index));
        Slots.Move(offsets, PageLayout.HeadSize + PageLayout.ChildSize, PageLayout.OffsetSize * index);
        Slots.Move(
            children + (PageLayout.ChildSize * index),
            PageLayout.HeadSize + PageLayout.ChildSize,
            PageLayout.ChildSize * (count - index));
        Slots.Move(children, PageLayout.HeadSize, PageLayout.ChildSize * index);
        Slots.Move(heads + (PageLayout.HeadSize * index), PageLayout.HeadSize, PageLayout.HeadSize * (count - index));

        var cellOffset = pageSize - page.HeapBytes - size;
        page.Count = count + 1;
        page.HeapBytes += size;
        fixed (byte* s = separator)
        {
            ((uint*)heads)[index] = Keys.Head(s, separator.Length, page.Skip);
        }

        children = heads + (PageLayout.HeadSize * (count + 1));
        *(ulong*)(children + (PageLayout.ChildSize * index)) = child;
        *(uint*)(children + (PageLayout.ChildSize * index) + 8) = crc;
        ((ushort*)(children + (PageLayout.ChildSize * (count + 1))))[index] = (ushort)cellOffset;
        if (countSize != 0)
        {
            new BranchPage(page).SetEntryCount(index, entries);
        }

        *(ushort*)(p + cellOffset) = (ushort)separator.Length;
        separator.CopyTo(new Span<byte>(p + cellOffset + PageLayout.BranchCellHeader, separator.Length));
        return true;
    }

    /// <summary>
    /// Gives a child at index ≥ 1 another separator; false, with nothing changed, if the page has no room.
    /// </summary>
    public bool TryReplace(Page page, int index, ReadOnlySpan<byte> separator)
    {
        var branch = new BranchPage(page);
        if (Used(page) - branch.Separator(index).Length + separator.Length > Capacity)
        {
            return false;
        }

        var child = branch.Child(index);
        var crc = branch.ChildCrc(index);
        var entries = branch.IsCounted ? branch.EntryCount(index) : 0;
        Remove(page, index);
        return TryInsert(page, index, separator, child, crc, entries);
    }

    /// <summary>
    /// Removes children <paramref name="index"/> … <paramref name="index"/> + <paramref name="number"/> − 1. What
    /// becomes the first child loses its separator.
    /// </summary>
    public void Remove(Page page, int index, int number = 1)
    {
        var count = page.Count;
        if (index == 0 && number < count)
        {
            // The first separator is empty: the first child that stays takes the first slot, and its own slot goes.
            var branch = new BranchPage(page);
            branch.SetChild(0, branch.Child(number), branch.ChildCrc(number));
            if (branch.IsCounted)
            {
                branch.SetEntryCount(0, branch.EntryCount(number));
            }

            index = 1;
        }

        var p = page.Address;
        var heads = p + PageLayout.HeaderSize;
        var children = heads + (PageLayout.HeadSize * count);
        var offsets = children + (PageLayout.ChildSize * count);
        for (var i = index; i < index + number; i++)
        {
            int offset = ((ushort*)offsets)[i];
            var size = PageLayout.BranchCellHeader + *(ushort*)(p + offset);
            if (offset == pageSize - page.HeapBytes)
            {
                Unsafe.InitBlockUnaligned(p + offset, 0, (uint)size);
                page.HeapBytes -= size;
            }
            else
            {
                page.Dead += size;
            }
        }

        var left = count - number;
        var behind = left - index;
        Slots.Move(
            heads + (PageLayout.HeadSize * (index + number)),
            -PageLayout.HeadSize * number,
            PageLayout.HeadSize * behind);
        Slots.Move(children, -PageLayout.HeadSize * number, PageLayout.ChildSize * index);
        Slots.Move(
            children + (PageLayout.ChildSize * (index + number)),
            -(PageLayout.HeadSize + PageLayout.ChildSize) * number,
            PageLayout.ChildSize * behind);
        Slots.Move(offsets, -(PageLayout.HeadSize + PageLayout.ChildSize) * number, PageLayout.OffsetSize * index);
        Slots.Move(
            offsets + (PageLayout.OffsetSize * (index + number)),
            -PageLayout.BranchSlotSize * number,
            PageLayout.OffsetSize * behind);
        var slotSize = SlotSize(page);
        var countSize = page.CountSize;
        if (countSize != 0)
        {
            var counts = offsets + (PageLayout.OffsetSize * count);
            Slots.Move(counts, -PageLayout.BranchSlotSize * number, countSize * index);
            Slots.Move(counts + (countSize * (index + number)), -slotSize * number, countSize * behind);
        }

        Unsafe.InitBlockUnaligned(heads + (slotSize * left), 0, (uint)(slotSize * number));
        page.Count = left;
        if (left is > 0 and < 3 && page.Skip > 0)
        {
            page.Skip = 0;
            WriteHeads(page);
        }
    }

    /// <summary>Raises skip to the whole common prefix of the separators and takes the heads anew.</summary>
    public static void RebuildHeads(Page page)
    {
        var count = page.Count;
        var branch = new BranchPage(page);
        page.Skip = count < 3 ? 0 : branch.Separator(1).CommonPrefixLength(branch.Separator(count - 1));
        WriteHeads(page);
    }

    /// <summary>Bytes of the slots for each child.</summary>
    public static int SlotSize(Page page) => PageLayout.BranchSlotSize + page.CountSize;

    private static void WriteHeads(Page page)
    {
        var p = page.Address;
        var count = page.Count;
        var heads = (uint*)(p + PageLayout.HeaderSize);
        var offsets = (ushort*)((byte*)(heads + count) + (PageLayout.ChildSize * count));
        var skip = page.Skip;
        heads[0] = 0;
        for (var i = 1; i < count; i++)
        {
            var cell = p + offsets[i];
            if (*(ushort*)cell < skip)
            {
                // First and last key do not speak for all: a damaged page has them in disorder. Searches rely on every
                // key being as long as skip.
                skip = *(ushort*)cell;
                page.Skip = skip;
                i = 0;
                continue;
            }

            heads[i] = Keys.Head(cell + PageLayout.BranchCellHeader, *(ushort*)cell, skip);
        }
    }

    private static void LowerSkip(Page page, ReadOnlySpan<byte> separator)
    {
        var shared = new BranchPage(page).Separator(1).CommonPrefixLength(separator);
        if (shared < page.Skip)
        {
            page.Skip = shared;
            WriteHeads(page);
        }
    }

    private bool MakeRoom(Page page, int need)
    {
        var gap = pageSize - PageLayout.HeaderSize - (SlotSize(page) * page.Count) - page.HeapBytes;
        if (gap >= need)
        {
            return true;
        }

        if (gap + page.Dead < need)
        {
            return false;
        }

        Compact(page);
        return true;
    }

    private void Compact(Page page)
    {
        var p = page.Address;
        var heapStart = pageSize - page.HeapBytes;
        Unsafe.CopyBlockUnaligned(_scratch + heapStart, p + heapStart, (uint)page.HeapBytes);
        var count = page.Count;
        var offsets = (ushort*)(p + PageLayout.HeaderSize + ((PageLayout.HeadSize + PageLayout.ChildSize) * count));
        var top = pageSize;
        for (var i = 0; i < count; i++)
        {
            var cell = _scratch + offsets[i];
            var size = PageLayout.BranchCellHeader + *(ushort*)cell;
            top -= size;
            Unsafe.CopyBlockUnaligned(p + top, cell, (uint)size);
            offsets[i] = (ushort)top;
        }

        Unsafe.InitBlockUnaligned(p + heapStart, 0, (uint)(top - heapStart));
        page.HeapBytes = pageSize - top;
        page.Dead = 0;
    }
}
