using Engine.Cli.Inspection;
using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Salvage;

/// <summary>
/// Goes through a whole file once, and notes which pages that nothing has led to so far are sound by themselves.
/// Memory: a bit a page for each set, and one buffer.
/// </summary>
internal sealed class FileSurvey
{
    private readonly PageSet?[] _branches = new PageSet?[MaximumDepth];
    private readonly Geometry _geometry;

    private FileSurvey(Geometry geometry)
    {
        _geometry = geometry;
        Leaves = new PageSet(geometry.PageCount);
        Catalogs = new PageSet(geometry.PageCount);
        Logs = new PageSet(geometry.PageCount);
    }

    /// <summary>Leaves of trees with entries of the user.</summary>
    public PageSet Leaves { get; }

    /// <summary>Leaves of catalogs, of whatever time.</summary>
    public PageSet Catalogs { get; }

    /// <summary>Pages of the space log.</summary>
    public PageSet Logs { get; }

    /// <summary>The branches by level; null where there are none.</summary>
    public IReadOnlyList<PageSet?> Branches => _branches;

    /// <summary>All sets of pages that may be parts of trees.</summary>
    public IEnumerable<PageSet> Nodes => [Leaves, Catalogs, .. _branches.OfType<PageSet>()];

    /// <param name="pages">The file's pages.</param>
    /// <param name="newest">The newest transaction that can have written one.</param>
    /// <param name="isReached">Whether something has led to a page.</param>
    /// <param name="pagesRead">Is told of so many more pages.</param>
    public static FileSurvey Run(SalvagePages pages, ulong newest, Func<ulong, bool> isReached, Action<ulong> pagesRead)
    {
        Geometry geometry = pages.Geometry;
        var survey = new FileSurvey(geometry);
        long start = (long)geometry.FirstPage * geometry.PageSize;
        long end = (long)geometry.PageCount * geometry.PageSize;
        foreach (FilePiece piece in FilePieces.Read(pages.Reader, start, end, pages.Cancellation))
        {
            ulong first = (ulong)(piece.Offset / geometry.PageSize);
            int count = piece.Bytes.Length / geometry.PageSize;
            for (int i = 0; i < count; i++)
            {
                Span<byte> page = piece.Bytes.Span.Slice(i * geometry.PageSize, geometry.PageSize);
                ulong number = first + (ulong)i;

                // One bad sector spoils a read of many pages.
                if ((piece.IsRead || pages.TryRead(number, page)) && !isReached(number))
                    survey.Note(number, page, newest);
            }

            pagesRead((ulong)count);
        }

        return survey;
    }

    private void Note(ulong number, ReadOnlySpan<byte> page, ulong newest)
    {
        switch (SurveyedPage.KindOf(page, number, newest))
        {
            case LeafKind:
                (SurveyedPage.IsCatalog(page) ? Catalogs : Leaves).Add(number, 1);
                break;
            case BranchKind:
                (_branches[new PageHeader(page).Level] ??= new PageSet(_geometry.PageCount)).Add(number, 1);
                break;
            case LogKind:
                Logs.Add(number, 1);
                break;
        }
    }
}
