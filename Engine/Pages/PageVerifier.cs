using System.Runtime.CompilerServices;

namespace Engine.Pages;

/// <summary>
/// The checks of a page's first touch: after them, every offset and length that <see cref="LeafPage"/>,
/// <see cref="BranchPage"/> and the editors follow lies inside the page, and heads agree with keys. The order of keys
/// is the integrity check's business: a page with keys out of order gives wrong answers, never a wrong access.
/// </summary>
internal static unsafe class PageVerifier
{
    // Bounds: the page is pageSize bytes; every read below is of the header, of slots counted against the page's size
    // first, or of a cell whose bounds were just compared with the page's.

    /// <summary>Verifies a leaf or branch against the reference that led to it.</summary>
    /// <exception cref="DatabaseCorruptException">The page breaks a rule; the message names it.</exception>
    public static void VerifyTreePage(Page page, ulong number, uint crc, int level, ulong maxBirth, int pageSize)
    {
        if (PageChecksum.Compute(page.Bytes(pageSize)) != crc)
        {
            throw Corrupt(
                number,
                "does not match the checksum that its parent holds: the write was lost, torn or went elsewhere, or the "
                + "medium decayed");
        }

        if (page.Crc != crc || page.Number != number)
        {
            throw Corrupt(number, $"says that it is page {page.Number}");
        }

        if (page.Birth == 0 || page.Birth > maxBirth)
        {
            throw Corrupt(number, $"was born in transaction {page.Birth}, after the snapshot's transaction {maxBirth}");
        }

        if (page.KindAndLevel != Page.TreeKindAndLevel(level))
        {
            throw Corrupt(
                number, $"has kind {(int)page.Kind} and level {page.Level} where the tree needs level {level}");
        }

        var flags = *(ushort*)(page.Address + PageLayout.FlagsOffset);
        var isCounted = flags == PageLayout.CountedPage && level > 0;
        var slot = level == 0 ? PageLayout.LeafSlotSize : PageLayout.BranchSlotSize + page.CountSize;
        var body = pageSize - PageLayout.HeaderSize;
        if (page.Count == 0 || (slot * page.Count) + page.HeapBytes > body || page.Dead > page.HeapBytes
            || (flags != 0 && !isCounted))
        {
            throw Corrupt(number, "has counts that do not fit the page");
        }

        if (level == 0)
        {
            VerifyLeaf(page, number, pageSize);
        }
        else
        {
            VerifyBranch(page, number, pageSize);
        }
    }

    /// <summary>Verifies an overflow run against the reference that led to it.</summary>
    /// <param name="first">The first page.</param>
    /// <param name="reference">The reference.</param>
    /// <param name="crc">What the run's pages add up to.</param>
    /// <exception cref="DatabaseCorruptException">The run breaks a rule; the message names it.</exception>
    public static void VerifyOverflow(Page first, OverflowReference reference, uint crc)
    {
        if (crc != reference.Crc || first.Crc != reference.Crc)
        {
            throw Corrupt(reference.Page, "begins an overflow run that does not match the checksum in its leaf");
        }

        VerifyOverflowHeader(first, reference);
    }

    /// <summary>
    /// Whether the header of an overflow run is the one that the reference asks for; cheap enough for every access.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AgreesWith(Page first, OverflowReference reference) =>
        first.KindAndLevel == (int)PageKind.Overflow && first.Number == reference.Page
        && first.Birth == reference.Birth && first.Length == reference.Length;

    /// <summary>The same, for whoever must have that one.</summary>
    public static void VerifyOverflowHeader(Page first, OverflowReference reference)
    {
        if (!AgreesWith(first, reference))
        {
            throw Corrupt(reference.Page, "begins an overflow run whose header does not agree with its leaf");
        }
    }

    private static void VerifyLeaf(Page page, ulong number, int pageSize)
    {
        var p = page.Address;
        var birth = page.Birth;
        var count = page.Count;
        var heads = (uint*)(p + PageLayout.HeaderSize);
        var offsets = (ushort*)(heads + count);
        var heapStart = pageSize - page.HeapBytes;
        var skip = page.Skip;
        var keyLimit = PageLayout.MaxKeyLength(pageSize);
        var cellLimit = PageLayout.MaxLeafCell(pageSize);
        var cells = 0;
        var isPacked = true;
        byte* firstKey = null;
        for (var i = 0; i < count; i++)
        {
            int offset = offsets[i];
            if (offset < heapStart || offset + PageLayout.LeafCellHeader > pageSize)
            {
                throw Corrupt(number, $"has entry {i} outside its heap");
            }

            var cell = p + offset;
            int keyLength = *(ushort*)cell;
            int field = *(ushort*)(cell + 2);
            var size = LeafPage.CellSize(cell);
            if (offset + size > pageSize || size > cellLimit
                || keyLength > keyLimit || (field > PageLayout.OverflowBit))
            {
                throw Corrupt(number, $"has entry {i} with impossible lengths");
            }

            var key = cell + PageLayout.LeafCellHeader;
            if (field == PageLayout.OverflowBit)
            {
                // A dirty reference means something only in memory. A value is not younger than the leaf that refers to
                // it.
                var value = (ulong*)(key + keyLength);
                if ((value[0] & PageSource.DirtyBit) != 0 || value[1] == 0 || value[1] > birth)
                {
                    throw Corrupt(number, $"has entry {i} with an impossible reference to its value");
                }
            }

            firstKey = i == 0 ? key : firstKey;
            VerifyHead(number, i, heads[i], key, keyLength, skip, firstKey);
            isPacked &= offset + size + cells == pageSize;
            cells += size;
        }

        VerifyHeap(page, number, cells, count < 2);
        if (!isPacked)
        {
            VerifyCellsAreApart(page, number, offsets, pageSize);
        }
    }

    private static void VerifyBranch(Page page, ulong number, int pageSize)
    {
        var p = page.Address;
        var count = page.Count;
        var heads = (uint*)(p + PageLayout.HeaderSize);
        var offsets = (ushort*)((byte*)(heads + count) + (PageLayout.ChildSize * count));
        var heapStart = pageSize - page.HeapBytes;
        var skip = page.Skip;
        var children = (byte*)(heads + count);
        var keyLimit = PageLayout.MaxKeyLength(pageSize);
        var cells = 0;
        var isPacked = true;
        byte* firstKey = null;
        for (var i = 0; i < count; i++)
        {
            // A dirty reference means something only in memory.
            int offset = offsets[i];
            if ((*(ulong*)(children + (PageLayout.ChildSize * i)) & PageSource.DirtyBit) != 0)
            {
                throw Corrupt(number, $"has an impossible reference to child {i}");
            }

            if (offset < heapStart || offset + PageLayout.BranchCellHeader > pageSize)
            {
                throw Corrupt(number, $"has child {i} outside its heap");
            }

            var cell = p + offset;
            int length = *(ushort*)cell;
            if (offset + PageLayout.BranchCellHeader + length > pageSize
                || length > keyLimit || (i == 0 && length != 0))
            {
                throw Corrupt(number, $"has child {i} with an impossible separator");
            }

            var key = cell + PageLayout.BranchCellHeader;
            if (i == 0)
            {
                if (heads[0] != 0)
                {
                    throw Corrupt(number, "has a head for its first child");
                }
            }
            else
            {
                firstKey = i == 1 ? key : firstKey;
                VerifyHead(number, i, heads[i], key, length, skip, firstKey);
            }

            isPacked &= offset + PageLayout.BranchCellHeader + length + cells == pageSize;
            cells += PageLayout.BranchCellHeader + length;
        }

        VerifyHeap(page, number, cells, count < 3);
        if (!isPacked)
        {
            VerifyCellsAreApart(page, number, offsets, pageSize);
        }
    }

    private static void VerifyHead(ulong number, int index, uint head, byte* key, int length, int skip, byte* firstKey)
    {
        // The first key comes first, and its own length was compared with skip then; so both prefixes lie inside their
        // cells.
        if (length < skip || head != Keys.Head(key, length, skip)
            || (skip > 0 && !new ReadOnlySpan<byte>(key, skip).SequenceEqual(new ReadOnlySpan<byte>(firstKey, skip))))
        {
            throw Corrupt(number, $"has a head at index {index} that does not agree with its key");
        }
    }

    private static void VerifyHeap(Page page, ulong number, int cells, bool mustNotSkip)
    {
        if (cells + page.Dead != page.HeapBytes || (mustNotSkip && page.Skip != 0))
        {
            throw Corrupt(number, "has cells that do not add up to its heap");
        }
    }

    /// <summary>
    /// No byte belongs to two cells: otherwise writing one value would rewrite the lengths of another entry. Cells that
    /// lie one behind the other in the order of their slots, as splits and merges leave them, need not come here.
    /// </summary>
    private static void VerifyCellsAreApart(Page page, ulong number, ushort* offsets, int pageSize)
    {
        // Bounded: all cells were found inside the page before; a bit per byte of it, 8 KiB at most.
        Span<ulong> taken = stackalloc ulong[pageSize / 64];
        taken.Clear();
        for (var i = 0; i < page.Count; i++)
        {
            int from = offsets[i];
            var end = from
                + (page.Level == 0
                    ? LeafPage.CellSize(page.Address + from)
                    : PageLayout.BranchCellHeader + *(ushort*)(page.Address + from));
            while (from < end)
            {
                var length = Math.Min(end - from, 64 - (from & 63));
                var mask = ulong.MaxValue >> (64 - length) << (from & 63);
                if ((taken[from >> 6] & mask) != 0)
                {
                    throw Corrupt(number, $"has entry {i} in the bytes of another one");
                }

                taken[from >> 6] |= mask;
                from += length;
            }
        }
    }

    private static DatabaseCorruptException Corrupt(ulong page, string problem) => new(page, problem);
}
