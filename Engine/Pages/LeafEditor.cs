using System.Runtime.CompilerServices;

namespace Engine.Pages;

/// <summary>
/// Changes leaves in dirty buffers. Keeps what readers rely on: heads agree with keys, skip is at most the common
/// prefix, cells + dead = heap bytes, and the gap is zero.
/// </summary>
/// <param name="pageSize">Page size in bytes.</param>
/// <param name="scratch">A page of memory that no page lives in, for rebuilding.</param>
internal readonly unsafe struct LeafEditor(int pageSize, Page scratch)
{
    // Bounds of all pointers below: the page is a whole buffer of pageSize bytes whose counts and offsets hold the
    // invariants above; indexes are the caller's duty (asserted where cheap), and room is checked before anything
    // moves.
    private readonly byte* _scratch = scratch.Address;

    /// <summary>Bytes that a page's entries need: slots and cells.</summary>
    public static int Used(Page page) => (PageLayout.LeafSlotSize * page.Count) + page.HeapBytes - page.Dead;

    public int Capacity => pageSize - PageLayout.HeaderSize;

    /// <summary>
    /// Inserts a cell and returns its value bytes to be filled; false, with nothing changed, if the page has no room.
    /// </summary>
    public bool TryInsert(
        Page page, int index, ReadOnlySpan<byte> key, int valueField, int valueBytes, out Span<byte> value)
    {
        var size = PageLayout.LeafCellHeader + key.Length + valueBytes;
        if (!MakeRoom(page, size + PageLayout.LeafSlotSize))
        {
            value = default;
            return false;
        }

        var count = page.Count;
        fixed (byte* k = key)
        {
            if (count == 0)
            {
                page.Skip = 0;
            }
            else if ((index == 0 || index == count) && page.Skip > 0)
            {
                LowerSkip(page, k, key.Length);
            }

            var p = page.Address;
            var heads = p + PageLayout.HeaderSize;
            var offsets = heads + (PageLayout.HeadSize * count);

            // From the end backwards: the offsets behind the index move by a whole slot, those before it by a head,
            // then the heads.
            Slots.Move(
                offsets + (PageLayout.OffsetSize * index),
                PageLayout.LeafSlotSize,
                PageLayout.OffsetSize * (count - index));
            Slots.Move(offsets, PageLayout.HeadSize, PageLayout.OffsetSize * index);
            Slots.Move(
                heads + (PageLayout.HeadSize * index), PageLayout.HeadSize, PageLayout.HeadSize * (count - index));

            var cellOffset = pageSize - page.HeapBytes - size;
            *(uint*)(heads + (PageLayout.HeadSize * index)) = Keys.Head(k, key.Length, page.Skip);
            *(ushort*)(heads + (PageLayout.HeadSize * (count + 1)) + (PageLayout.OffsetSize * index)) =
                (ushort)cellOffset;
            page.Count = count + 1;
            page.HeapBytes += size;
            value = WriteCell(p + cellOffset, k, key.Length, valueField, valueBytes);
            return true;
        }
    }

    /// <summary>
    /// Inserts an entry behind the last one of a page that has entries: what most puts of ascending keys come down to.
    /// Changes nothing unless it is done.
    /// </summary>
    public AppendResult TryAppend(Page page, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var p = page.Address;
        var count = page.Count;
        var heads = p + PageLayout.HeaderSize;
        var offsets = heads + (PageLayout.HeadSize * count);
        var last = p + ((ushort*)offsets)[count - 1];
        fixed (byte* k = key)
        {
            // The order and what it does to skip are decided by the same bytes: the last key has the page's common
            // prefix.
            var lastKey = last + PageLayout.LeafCellHeader;
            int lastLength = *(ushort*)last;
            var shared = Keys.CommonPrefix(k, key.Length, lastKey, lastLength);
            if (shared == key.Length || (shared < lastLength && k[shared] < lastKey[shared]))
            {
                return AppendResult.NotAbove;
            }

            var size = PageLayout.LeafCellHeader + key.Length + value.Length;
            var heapBytes = page.HeapBytes + size;
            if (PageLayout.HeaderSize + (PageLayout.LeafSlotSize * (count + 1)) + heapBytes > pageSize)
            {
                return AppendResult.NoRoom;
            }

            if (shared < page.Skip)
            {
                page.Skip = shared;
                WriteHeads(page);
            }

            Slots.Move(offsets, PageLayout.HeadSize, PageLayout.OffsetSize * count);
            var cellOffset = pageSize - heapBytes;
            *(uint*)offsets = Keys.Head(k, key.Length, page.Skip);
            ((ushort*)(offsets + PageLayout.HeadSize))[count] = (ushort)cellOffset;
            page.Count = count + 1;
            page.HeapBytes = heapBytes;
            value.CopyTo(WriteCell(p + cellOffset, k, key.Length, value.Length, value.Length));
            return AppendResult.Done;
        }
    }

    /// <summary>
    /// Gives an entry a value of another size or kind, and returns its bytes to be filled; false, with nothing changed,
    /// if the page has no room.
    /// </summary>
    public bool TryReplace(Page page, int index, int valueField, int valueBytes, out Span<byte> value)
    {
        var p = page.Address;
        var offsets = (ushort*)(p + PageLayout.HeaderSize + (PageLayout.HeadSize * page.Count));
        var cell = p + offsets[index];
        int keyLength = *(ushort*)cell;
        var oldSize = LeafPage.CellSize(cell);
        var newSize = PageLayout.LeafCellHeader + keyLength + valueBytes;
        if (newSize <= oldSize)
        {
            // In place; what the value no longer covers is dead.
            *(ushort*)(cell + 2) = (ushort)valueField;
            page.Dead += oldSize - newSize;
            value = new Span<byte>(cell + PageLayout.LeafCellHeader + keyLength, valueBytes);
            return true;
        }

        if (Gap(page) < newSize)
        {
            if (Gap(page) + page.Dead + oldSize < newSize)
            {
                value = default;
                return false;
            }

            // Removing and inserting again makes the old cell's bytes, key included, part of the room.
            var key = stackalloc byte[keyLength];
            Unsafe.CopyBlockUnaligned(key, cell + PageLayout.LeafCellHeader, (uint)keyLength);
            Remove(page, index);
            return TryInsert(page, index, new ReadOnlySpan<byte>(key, keyLength), valueField, valueBytes, out value);
        }

        var cellOffset = pageSize - page.HeapBytes - newSize;
        page.Dead += oldSize;
        page.HeapBytes += newSize;
        offsets[index] = (ushort)cellOffset;
        value = WriteCell(p + cellOffset, cell + PageLayout.LeafCellHeader, keyLength, valueField, valueBytes);
        return true;
    }

    /// <summary>
    /// Removes entries <paramref name="index"/> … <paramref name="index"/> + <paramref name="number"/> − 1.
    /// </summary>
    public void Remove(Page page, int index, int number = 1)
    {
        var p = page.Address;
        var count = page.Count;
        var heads = p + PageLayout.HeaderSize;
        var offsets = heads + (PageLayout.HeadSize * count);
        for (var i = index; i < index + number; i++)
        {
            int offset = ((ushort*)offsets)[i];
            var size = LeafPage.CellSize(p + offset);
            if (offset == pageSize - page.HeapBytes)
            {
                // The lowest cell becomes gap at once, and the gap is zero.
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
        Slots.Move(offsets, -PageLayout.HeadSize * number, PageLayout.OffsetSize * index);
        Slots.Move(
            offsets + (PageLayout.OffsetSize * (index + number)),
            -PageLayout.LeafSlotSize * number,
            PageLayout.OffsetSize * behind);
        var freed = (uint)(PageLayout.LeafSlotSize * number);
        Unsafe.InitBlockUnaligned(heads + (PageLayout.LeafSlotSize * left), 0, freed);
        page.Count = left;
        if (left == 0)
        {
            page.Initialize(PageKind.Leaf, 0, pageSize);
        }
        else if (left == 1)
        {
            RebuildHeads(page);
        }
    }

    /// <summary>Rewrites the cells one behind the other, so that no byte of the heap is dead.</summary>
    public void Compact(Page page)
    {
        var p = page.Address;
        var heapStart = pageSize - page.HeapBytes;
        Unsafe.CopyBlockUnaligned(_scratch + heapStart, p + heapStart, (uint)page.HeapBytes);
        var count = page.Count;
        var offsets = (ushort*)(p + PageLayout.HeaderSize + (PageLayout.HeadSize * count));
        var top = pageSize;
        for (var i = 0; i < count; i++)
        {
            var cell = _scratch + offsets[i];
            var size = LeafPage.CellSize(cell);
            top -= size;
            Unsafe.CopyBlockUnaligned(p + top, cell, (uint)size);
            offsets[i] = (ushort)top;
        }

        Unsafe.InitBlockUnaligned(p + heapStart, 0, (uint)(top - heapStart));
        page.HeapBytes = pageSize - top;
        page.Dead = 0;
    }

    /// <summary>Raises skip to the whole common prefix and takes the heads anew.</summary>
    public static void RebuildHeads(Page page)
    {
        var count = page.Count;
        var leaf = new LeafPage(page);
        page.Skip = count < 2 ? 0 : leaf.Key(0).CommonPrefixLength(leaf.Key(count - 1));
        WriteHeads(page);
    }

    private static void WriteHeads(Page page)
    {
        var p = page.Address;
        var count = page.Count;
        var heads = (uint*)(p + PageLayout.HeaderSize);
        var offsets = (ushort*)(heads + count);
        var skip = page.Skip;
        for (var i = 0; i < count; i++)
        {
            var cell = p + offsets[i];
            if (*(ushort*)cell < skip)
            {
                // First and last key do not speak for all: a damaged page has them in disorder. Searches rely on every
                // key being as long as skip.
                skip = *(ushort*)cell;
                page.Skip = skip;
                i = -1;
                continue;
            }

            heads[i] = Keys.Head(cell + PageLayout.LeafCellHeader, *(ushort*)cell, skip);
        }
    }

    /// <summary>A key arrives at an end of the page: skip must not exceed what it shares with the others.</summary>
    private static void LowerSkip(Page page, byte* key, int keyLength)
    {
        var first = new LeafPage(page).Key(0);
        var shared = first.CommonPrefixLength(new ReadOnlySpan<byte>(key, keyLength));
        if (shared < page.Skip)
        {
            page.Skip = shared;
            WriteHeads(page);
        }
    }

    private static Span<byte> WriteCell(byte* cell, byte* key, int keyLength, int valueField, int valueBytes)
    {
        *(ushort*)cell = (ushort)keyLength;
        *(ushort*)(cell + 2) = (ushort)valueField;
        Unsafe.CopyBlockUnaligned(cell + PageLayout.LeafCellHeader, key, (uint)keyLength);
        return new Span<byte>(cell + PageLayout.LeafCellHeader + keyLength, valueBytes);
    }

    private int Gap(Page page) =>
        pageSize - PageLayout.HeaderSize - (PageLayout.LeafSlotSize * page.Count) - page.HeapBytes;

    private bool MakeRoom(Page page, int need)
    {
        var gap = Gap(page);
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
}
