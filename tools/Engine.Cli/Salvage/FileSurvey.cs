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
    private const int PieceLength = 1024 * 1024;

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

    public static FileSurvey Run(
        SalvageFile file, Geometry geometry, ulong newest, Func<ulong, bool> isReached, Action<ulong> pageRead,
            CancellationToken cancellation)
    {
        var survey = new FileSurvey(geometry);
        byte[] piece = new byte[PieceLength];
        ulong pagesInPiece = (ulong)(PieceLength / geometry.PageSize);
        for (ulong first = geometry.FirstPage; first < geometry.PageCount; first += pagesInPiece)
        {
            cancellation.ThrowIfCancellationRequested();
            ulong pages = Math.Min(pagesInPiece, geometry.PageCount - first);
            Span<byte> bytes = piece.AsSpan(0, (int)pages * geometry.PageSize);
            bool isWhole = TryRead(file.Reader, (long)first * geometry.PageSize, bytes);
            for (ulong i = 0; i < pages; i++)
            {
                Span<byte> page = bytes.Slice((int)i * geometry.PageSize, geometry.PageSize);

                // One bad sector spoils a read of many pages.
                if ((isWhole || TryRead(file.Reader, (long)(first + i) * geometry.PageSize, page))
                    && !isReached(first + i))
                    survey.Note(first + i, page, newest);
            }

            pageRead(pages);
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

    private static bool TryRead(IPageReader reader, long offset, Span<byte> destination)
    {
        try
        {
            reader.Read(offset, destination);
            return true;
        }
        catch (Exception exception) when (exception is DatabaseException or IOException)
        {
            return false;
        }
    }
}
