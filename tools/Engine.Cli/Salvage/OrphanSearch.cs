using Engine.Cli.Inspection;
using Engine.Cli.Making;
using Engine.Cli.Reading;
using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Salvage;

/// <summary>
/// Looks for leaves to which nothing refers any more, because a branch above them is damaged. A leaf does not say which tree it belongs to: it is taken when
/// all its keys lie within what one tree has lost, and no other tree has lost that. Free pages hold former leaves; where the space log says
/// which pages are free these are left alone, and where it does not the youngest leaf wins.
/// </summary>
internal sealed class OrphanSearch
{
    private readonly InspectedFile _file;
    private readonly Geometry _geometry;
    private readonly SalvageSource _newest;
    private readonly IReadOnlyList<SalvagedTree> _trees;
    private readonly TreeFiller _filler;
    private readonly CancellationToken _cancellation;
    private readonly byte[] _page;

    public OrphanSearch(
        InspectedFile file, Geometry geometry, SalvageSource newest, IReadOnlyList<SalvagedTree> trees, TreeFiller filler, CancellationToken cancellation)
    {
        _file = file;
        _geometry = geometry;
        _newest = newest;
        _trees = trees;
        _filler = filler;
        _cancellation = cancellation;
        _page = new byte[geometry.PageSize];
    }

    public OrphanResult Run()
    {
        if (!_newest.CatalogLosses.IsEmpty)
            return new OrphanResult(0, 0, false, "the catalog is damaged, so there are trees that nobody knows of: no leaf can be told to be of another one");
        SalvagedTree[] damaged = [.. _trees.Where(tree => tree.Losses.Ranges.Any(range => !range.IsValue))];
        PageSet? free = FindFreePages();
        var orphans = new List<(ulong Birth, ulong Page, SalvagedTree Tree)>();
        long ambiguous = 0;
        for (ulong page = _geometry.FirstPage; damaged.Length > 0 && page < _geometry.PageCount; page++)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (free?.Contains(page) == true || _newest.Seen.Contains(page) || !IsLeaf(page))
                continue;
            SalvagedTree[] owners = [.. damaged.Where(MayOwn)];
            if (owners.Length == 1)
                orphans.Add((U64(_page, 16), page, owners[0]));
            else if (owners.Length > 1)
                ambiguous++;
        }

        foreach ((_, ulong page, SalvagedTree tree) in orphans.OrderByDescending(orphan => orphan.Birth))
        {
            _cancellation.ThrowIfCancellationRequested();
            if (!IsLeaf(page))
                continue;
            _filler.Enter(tree.Name);
            _newest.ReadLeaf(_page, KeyRange.All, new OrphanTaker(_filler, tree));
        }

        return new OrphanResult(orphans.Count, ambiguous, free is not null);
    }

    private bool IsLeaf(ulong page)
    {
        if (!TryRead(page))
            return false;
        var header = new PageHeader(_page);
        return header.Kind == LeafKind && header.Page == page && header.Birth != 0 && header.Birth <= _newest.Meta.Id
            && header.Crc == Crc32C.OfPage(_page)
            && EntryWalk.FindProblem(_page, level: 0) is null;
    }

    private bool TryRead(ulong page)
    {
        try
        {
            _file.Reader.Read((long)page * _geometry.PageSize, _page);
            return true;
        }
        catch (DatabaseException)
        {
            return false;
        }
    }

    private bool MayOwn(SalvagedTree tree)
    {
        int count = new PageHeader(_page).Count;
        _ = LeafCell.TryRead(_page, count, 0, out LeafCell first);
        _ = LeafCell.TryRead(_page, count, count - 1, out LeafCell last);
        foreach (LostRange range in tree.Losses.Ranges)
        {
            if (!range.IsValue && range.Keys.Contains(first.Key(_page)) && range.Keys.Contains(last.Key(_page)))
                return true;
        }

        return false;
    }

    /// <summary>Null if the space log is damaged.</summary>
    private PageSet? FindFreePages()
    {
        var problems = new ProblemList(0);
        var session = new CheckSession(_file.Reader, _geometry, _newest.Meta, problems, null, _cancellation);
        new SpaceLogCheck(session).Run();
        return problems.Count == 0 && _newest.Meta.HasRightChecksum ? session.Free : null;
    }

    private sealed class OrphanTaker(TreeFiller filler, SalvagedTree tree) : IEntryVisitor
    {
        public void Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            if (key.Length <= filler.MaxKeyLength && filler.TryAdd(key, value))
                tree.FromOrphans++;
        }

        public void LostPage(ulong page, string problem, scoped in NodeBounds bounds)
        {
            // A leaf by itself has no pages below it.
        }

        public void LostValue(ulong page, string problem, ReadOnlySpan<byte> key) => tree.Losses.AddEntry(page, problem, key);
    }
}
