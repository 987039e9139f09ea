using System.Runtime.CompilerServices;
using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>The rules of a leaf (section 6).</summary>
internal sealed class LeafCheck(CheckSession session) : NodeCheck(session)
{
    /// <summary>Whether a value of the leaf that was checked last lies in an overflow run.</summary>
    public bool HasOverflow { get; private set; }

    /// <summary>
    /// Checks a leaf whose header is right. False if its cells cannot be read; then a problem has been reported. Each
    /// rule is reported once for a leaf, for its first entry that breaks it.
    /// </summary>
    public bool Check(ReadOnlySpan<byte> page, IPlace place, ulong number, in NodeBounds bounds)
    {
        if (!BeginNode(page, place, number, LeafSlotLength, "entry") || !CheckCells(page))
            return false;
        CheckDead(page);
        CheckKeys(page, bounds);
        return true;
    }

    /// <summary>Entries of a leaf that passed <see cref="Check"/>.</summary>
    public static int Count(ReadOnlySpan<byte> page) => U16(page, 24);

    /// <summary>An entry's key, the flag of its value, and the inline value or the 24 bytes of the reference.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ReadOnlySpan<byte> Entry(
        ReadOnlySpan<byte> page, int index, out bool isOverflow, out Range key, out Range value)
    {
        var offset = CellOffset(page, index);
        int keyLength = U16(page, offset);
        int word = U16(page, offset + 2);
        isOverflow = (word & OverflowBit) != 0;
        var keyStart = offset + LeafCellHeader;
        key = keyStart..(keyStart + keyLength);
        value = key.End.Value..(key.End.Value + (isOverflow ? OverflowReferenceLength : word));
        return page[key];
    }

    private static int CellOffset(ReadOnlySpan<byte> page, int index) =>
        U16(page, HeaderLength + 4 * Count(page) + 2 * index);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool CheckCells(ReadOnlySpan<byte> page)
    {
        bool isReadable = true, keysFit = true, flagsFit = true;
        HasOverflow = false;
        for (var i = 0; i < Count(page); i++)
        {
            var offset = CellOffset(page, i);
            if (!CheckOffset(i, offset, LeafCellHeader))
            {
                isReadable = false;
                break;
            }

            int keyLength = U16(page, offset);
            int word = U16(page, offset + 2);
            var isOverflow = (word & OverflowBit) != 0;
            HasOverflow |= isOverflow;
            var length = LeafCellHeader + keyLength + (isOverflow ? OverflowReferenceLength : word);
            if (!CheckEnd(i, offset, length))
            {
                isReadable = false;
                break;
            }

            TakeCell(i, offset, length, Session.Geometry.LeafCellLimit);
            if (keyLength > Session.Geometry.KeyLimit && keysFit)
                keysFit = Fail(
                    IntegrityRules.KeyLimit, $"key {i} of at most {Session.Geometry.KeyLimit} bytes", $"{keyLength}");
            if (isOverflow && word != OverflowBit && flagsFit)
                flagsFit = Fail(
                    IntegrityRules.CellFlag,
                    $"no inline length beside the overflow bit of cell {i}",
                    $"{word & ~OverflowBit}");
        }

        return isReadable;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CheckKeys(ReadOnlySpan<byte> page, in NodeBounds bounds)
    {
        var count = Count(page);
        int skip = U16(page, 6);
        var first = Entry(page, 0, out _, out _, out _);
        var previous = first;
        var skipFits = count >= 2 || CheckNoSkip(skip);
        for (var i = 1; i < count && skipFits; i++)
            skipFits = CheckSkip(i, skip, Entry(page, i, out _, out _, out _), first);
        var headsFit = skipFits;
        var isOrdered = true;
        for (var i = 0; i < count; i++)
        {
            var key = Entry(page, i, out _, out _, out _);
            if (headsFit)
                headsFit = CheckHead(i, U32(page, HeaderLength + 4 * i), key, skip);
            if (i > 0 && isOrdered && previous.SequenceCompareTo(key) >= 0)
                isOrdered =
                    Fail(IntegrityRules.KeyOrder, $"key {i} above key {i - 1}, {Words.Of(previous)}", Words.Of(key));
            previous = key;
        }

        // With the keys in order, the first and the last speak for all of them.
        if (bounds.HasLower && first.SequenceCompareTo(bounds.Lower) < 0)
            Fail(IntegrityRules.KeyBounds, $"keys from {bounds.ToString()}", $"first key {Words.Of(first)}");
        if (bounds.HasUpper && previous.SequenceCompareTo(bounds.Upper) >= 0)
            Fail(IntegrityRules.KeyBounds, $"keys from {bounds.ToString()}", $"last key {Words.Of(previous)}");
    }
}
