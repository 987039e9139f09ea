using Engine.Cli.Inspection;
using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Salvage;

/// <summary>What a page is by its own bytes alone.</summary>
internal static class SurveyedPage
{
    /// <summary>
    /// The kind of a page that holds its own number, a birth that is possible and its own checksum, and is what that
    /// kind is; 0 otherwise.
    /// </summary>
    /// <param name="page">The bytes.</param>
    /// <param name="number">Where it lies.</param>
    /// <param name="newest">The newest transaction that can have written it.</param>
    public static byte KindOf(ReadOnlySpan<byte> page, ulong number, ulong newest)
    {
        var header = new PageHeader(page);
        if (header.Page != number || header.Birth == 0 || header.Birth > newest
            || header.Kind is not (LeafKind or BranchKind or LogKind))
            return 0;
        if (header.Crc != Crc32C.OfPage(page))
            return 0;
        bool isSound = header.Kind switch
        {
            LogKind => header.Length <= page.Length - LogEntriesOffset,
            LeafKind => NodeCells.FindProblem(page, level: 0) is null,
            _ => header.Level is > 0 and < MaximumDepth && NodeCells.FindProblem(page, header.Level) is null,
        };
        return isSound ? header.Kind : (byte)0;
    }

    /// <summary>
    /// Whether a leaf is one of a catalog: each of its entries is a name and the record of a tree that is possible.
    /// </summary>
    public static bool IsCatalog(ReadOnlySpan<byte> leaf)
    {
        int count = new PageHeader(leaf).Count;
        for (int i = 0; i < count; i++)
        {
            _ = LeafCell.TryRead(leaf, count, i, out LeafCell cell);
            if (cell.KeyLength == 0 && count > 1 && !cell.IsOverflow
                && AttributeListCheck.Find(cell.Value(leaf), out _) is null)
                continue;
            if (cell.IsOverflow || cell.ValueLength < TreeRecordLength || cell.KeyLength == 0
                || AttributeListCheck.Find(cell.Value(leaf)[TreeRecordLength..], out _) is not null
                || !IsPossible(new TreeRecord(cell.Value(leaf)), leaf))
                return false;
        }

        return true;
    }

    private static bool IsPossible(in TreeRecord record, ReadOnlySpan<byte> leaf)
    {
        ulong birth = new PageHeader(leaf).Birth;
        bool isEmpty = record is
        {
            Root: 0, RootCrc: 0, Depth: 0, Entries: 0, LeafPages: 0, BranchPages: 0,
            OverflowPages: 0
        };
        bool isFull = record.Root > 0 && record.Depth is >= 1 and <= MaximumDepth && record.Entries >= record.LeafPages
            && record.LeafPages >= 1;
        return (isEmpty || isFull) && (record.Flags & ~KnownTreeFlags) == 0 && record.Zeros == 0
            && record.Id >= FirstNamedTreeId && record.Changed <= birth;
    }
}
