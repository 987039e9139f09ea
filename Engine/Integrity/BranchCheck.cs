using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>The rules of a branch (section 7).</summary>
internal sealed class BranchCheck(CheckSession session) : NodeCheck(session)
{
    /// <summary>
    /// Checks a branch whose header is right. False if its separators cannot be read. <paramref name="isOrdered"/> says
    /// whether they bound the keys below; children can be followed either way.
    /// </summary>
    /// <param name="page">The branch.</param>
    /// <param name="place">The tree.</param>
    /// <param name="node">What led to the branch; <see cref="NodeReference.Entries"/> if the tree is counted.</param>
    /// <param name="bounds">The keys that belong below it.</param>
    /// <param name="isOrdered">Whether its separators bound the keys below.</param>
    public bool Check(
        ReadOnlySpan<byte> page, IPlace place, in NodeReference node, in NodeBounds bounds, out bool isOrdered)
    {
        isOrdered = false;
        var isCounted = node.Entries is not null;
        var slotLength = SlotLength(isCounted ? node.Level : null);
        if (!BeginNode(page, place, node.Page, slotLength, "child", isCounted ? CountedPage : 0)
            || !CheckCells(page))
        {
            return false;
        }

        if (node.Entries is { } entries)
            CheckCounts(page, entries);
        CheckDead(page);
        isOrdered = CheckSeparators(page, bounds);
        return true;
    }

    /// <summary>Children of a branch that passed <see cref="Check"/>.</summary>
    public static int Count(ReadOnlySpan<byte> page) => U16(page, 24);

    public static (ulong Page, uint Crc) Child(ReadOnlySpan<byte> page, int index)
    {
        var offset = HeaderLength + 4 * Count(page) + 12 * index;
        return (U64(page, offset), U32(page, offset + 8));
    }

    /// <summary>Bytes of a branch's slots for each child, by what the page says of itself.</summary>
    public static int SlotLength(ReadOnlySpan<byte> page) => SlotLength(IsCounted(page) ? page[5] : null);

    /// <summary>Bytes of a child's entry count in a branch of a level.</summary>
    public static int CountLength(int level) => level <= 1 ? 2 : level == 2 ? 4 : 8;

    /// <summary>Whether the flags say that there are entry counts.</summary>
    public static bool IsCounted(ReadOnlySpan<byte> page) => U16(page, 30) == CountedPage;

    /// <summary>How many entries a branch says are below a child; null if it does not.</summary>
    public static ulong? TryEntryCount(ReadOnlySpan<byte> page, int index)
    {
        var length = CountLength(page[5]);
        var offset = HeaderLength + BranchSlotLength * Count(page) + length * index;
        if (!IsCounted(page) || offset + length > page.Length)
            return null;
        return length switch
        {
            2 => U16(page, offset),
            4 => U32(page, offset),
            _ => U64(page, offset),
        };
    }

    public static (int Offset, int Length) SeparatorRange(ReadOnlySpan<byte> page, int index)
    {
        var offset = CellOffset(page, index);
        return (offset + BranchCellHeader, U16(page, offset));
    }

    /// <param name="countedLevel">The level of a branch that has counts; null of one that has none.</param>
    private static int SlotLength(int? countedLevel) =>
        BranchSlotLength + (countedLevel is { } level ? CountLength(level) : 0);

    private static ReadOnlySpan<byte> Separator(ReadOnlySpan<byte> page, int index)
    {
        var (offset, length) = SeparatorRange(page, index);
        return page.Slice(offset, length);
    }

    private static int CellOffset(ReadOnlySpan<byte> page, int index) =>
        U16(page, HeaderLength + 16 * Count(page) + 2 * index);

    /// <summary>What the children are said to hold is what the branch is said to hold.</summary>
    private void CheckCounts(ReadOnlySpan<byte> page, ulong entries)
    {
        UInt128 sum = 0;
        for (var i = 0; i < Count(page); i++)
            sum += TryEntryCount(page, i) ?? 0;
        if (sum != entries)
            Fail(IntegrityRules.EntryCount, $"counts that add up to {entries}", $"{sum}");
    }

    private bool CheckCells(ReadOnlySpan<byte> page)
    {
        var separatorsFit = true;
        for (var i = 0; i < Count(page); i++)
        {
            var offset = CellOffset(page, i);
            if (!CheckOffset(i, offset, BranchCellHeader))
                return false;
            int length = U16(page, offset);
            if (!CheckEnd(i, offset, BranchCellHeader + length))
                return false;
            TakeCell(i, offset, BranchCellHeader + length, Session.Geometry.BranchCellLimit);
            if (length > Session.Geometry.KeyLimit && separatorsFit)
                separatorsFit = Fail(
                    IntegrityRules.KeyLimit,
                    $"separator {i} of at most {Session.Geometry.KeyLimit} bytes",
                    $"{length}");
        }

        return true;
    }

    private bool CheckSeparators(ReadOnlySpan<byte> page, in NodeBounds bounds)
    {
        var count = Count(page);
        int skip = U16(page, 6);
        if (Separator(page, 0) is { IsEmpty: false } zeroth)
            Fail(IntegrityRules.SeparatorFirst, "an empty separator 0", Words.Of(zeroth));
        if (U32(page, HeaderLength) is not 0 and var head)
            Fail(IntegrityRules.NodeHead, "0 as head 0", Words.Hex(head));
        var skipFits = count >= 3 || CheckNoSkip(skip);
        for (var i = 2; i < count && skipFits; i++)
            skipFits = CheckSkip(i, skip, Separator(page, i), Separator(page, 1));
        var headsFit = skipFits;
        var isOrdered = true;
        var previous = ReadOnlySpan<byte>.Empty;
        for (var i = 1; i < count; i++)
        {
            var separator = Separator(page, i);
            if (headsFit)
                headsFit = CheckHead(i, U32(page, HeaderLength + 4 * i), separator, skip);

            // Separator 0 stands for the lower end, so an empty separator 1 is out of order too.
            if (isOrdered && previous.SequenceCompareTo(separator) >= 0)
                isOrdered = Fail(
                    IntegrityRules.SeparatorOrder, $"separator {i} above {Words.Of(previous)}", Words.Of(separator));
            previous = separator;
        }

        // Child 0 and the last child hold keys, so the separators lie strictly between those of the branch above.
        if (count > 1 && bounds.HasLower && Separator(page, 1).SequenceCompareTo(bounds.Lower) <= 0)
        {
            isOrdered = Fail(
                IntegrityRules.SeparatorBounds, $"separators within {bounds.ToString()}",
                $"first {Words.Of(Separator(page, 1))}");
        }

        if (count > 1 && bounds.HasUpper && previous.SequenceCompareTo(bounds.Upper) >= 0)
            isOrdered = Fail(
                IntegrityRules.SeparatorBounds, $"separators within {bounds.ToString()}", $"last {Words.Of(previous)}");
        return isOrdered;
    }
}
