using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>Page size, bounds of page numbers and the limits that follow from the page size.</summary>
internal sealed class Geometry
{
    /// <param name="pageSize">A power of two from 256 to 65,536.</param>
    /// <param name="pageCount">
    /// The page count of the meta, cut to what the file holds: a bound that the file's length backs.
    /// </param>
    public Geometry(int pageSize, ulong pageCount)
    {
        PageSize = pageSize;
        FirstPage = FirstPageOf(pageSize);
        PageCount = pageCount;
        KeyLimit = Math.Min(pageSize / 4, (pageSize - HeaderLength) / 3 - 28);
        LeafCellLimit = (pageSize - HeaderLength) / 2 - LeafSlotLength;
        BranchCellLimit = (pageSize - HeaderLength) / 3 - BranchSlotLength;
    }

    public int PageSize { get; }

    public ulong FirstPage { get; }

    public ulong PageCount { get; }

    public int KeyLimit { get; }

    public int LeafCellLimit { get; }

    public int BranchCellLimit { get; }

    public static ulong FirstPageOf(int pageSize) => (ulong)(Math.Max(ReservedLength, pageSize) / pageSize);

    public bool Contains(ulong page) => page >= FirstPage && page < PageCount;

    /// <summary>True if all pages from <paramref name="first"/> on exist; no sum that could overflow.</summary>
    public bool Contains(ulong first, ulong pages) => Contains(first) && pages <= PageCount - first;

    public override string ToString() => PageCount > FirstPage ? $"{FirstPage} to {PageCount - 1}" : "(none)";
}
