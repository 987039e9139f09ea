using System.Numerics;
using Engine.Integrity;

namespace Engine.Cli.Inspection.Map;

/// <summary>
/// Adds the pages up in the cells of a terminal map: memory grows with the cells, not with the pages.
/// </summary>
internal sealed class GridSink : IPageMapSink
{
    private readonly InspectedFile _file;
    private readonly long[,] _counts;
    private readonly double[] _fill;
    private readonly long[] _filled;
    private readonly double[] _age;
    private readonly long[] _aged;
    private readonly ulong _newest;
    private readonly PageStates? _states;
    private readonly double[] _named;
    private readonly long[,] _changes;

    /// <param name="file">The file.</param>
    /// <param name="pagesPerCell">Pages that a cell stands for.</param>
    /// <param name="states">The states that are of interest; null for none but the newest.</param>
    public GridSink(InspectedFile file, ulong pagesPerCell, PageStates? states = null)
    {
        _file = file;
        _states = states;
        _newest = file.Meta?.Id ?? 0;
        PagesPerCell = pagesPerCell;
        Cells = (int)((file.Geometry.PageCount + pagesPerCell - 1) / pagesPerCell);
        _counts = new long[Cells, PageCategories.Count];
        _fill = new double[Cells];
        _filled = new long[Cells];
        _age = new double[Cells];
        _aged = new long[Cells];
        _named = new double[states is null ? 0 : Cells];
        _changes = new long[states is null ? 0 : Cells, (int)PageChange.Gone + 1];
    }

    public ulong PagesPerCell { get; }

    public int Cells { get; }

    public void Reserved(ulong first, ulong pages) => Count(PageCategory.Reserved, first, pages);

    public void Free(FreeExtent extent, bool isWaiting)
    {
        Count(isWaiting ? PageCategory.Waiting : PageCategory.Reusable, extent.First, extent.Pages);
        Note(extent.First, extent.Pages, extent.Birth, extent.FreedIn);
    }

    public void Log(ulong page, byte[] bytes)
    {
        Count(PageCategory.Log, page, 1);
        var header = new PageHeader(bytes);
        Measure(page, 1, (double)header.Length / (bytes.Length - FileFormat.LogEntriesOffset), header.Birth);
    }

    public void ListRun(OverflowReference run, ulong pages)
    {
        Count(PageCategory.Log, run.Page, pages);
        Measure(run.Page, pages, 1, run.Birth);
    }

    public void BeginTree(TreeInfo tree)
    {
        // All trees look the same here.
    }

    public void Node(NodeVisit node, ReadOnlySpan<byte> lower)
    {
        Count(node.Level == 0 ? PageCategory.Leaf : PageCategory.Branch, node.Page, 1);
        Measure(node.Page, 1, node.Header.Fill(_file.PageSize), node.Header.Birth);
        Note(node.Page, 1, node.Header.Birth, ulong.MaxValue);
    }

    public void Overflow(OverflowReference run, ulong pages)
    {
        Count(PageCategory.Overflow, run.Page, pages);
        Measure(run.Page, pages, (double)run.Length / (pages * (ulong)_file.PageSize), run.Birth);
        Note(run.Page, pages, run.Birth, ulong.MaxValue);
    }

    public void Damaged(Damage damage)
    {
        if (damage.Page is { } page && _file.Geometry.Contains(page, damage.Pages))
            Count(PageCategory.Damaged, page, damage.Pages);
    }

    /// <summary>Pages of a category in all cells.</summary>
    public ulong Total(PageCategory category)
    {
        if (category == PageCategory.Unknown)
            return _file.Geometry.PageCount - Math.Min(
                _file.Geometry.PageCount,
                PageCategories.All.Where(other => other != category)
                    .Aggregate(0UL, (sum, other) => sum + Total(other)));
        ulong total = 0;
        for (int cell = 0; cell < Cells; cell++)
            total += (ulong)_counts[cell, (int)category];
        return total;
    }

    /// <summary>
    /// The category that most pages of a cell have; damage outweighs everything, since it would drown.
    /// </summary>
    public PageCategory MainCategory(int cell, out bool isPure)
    {
        ulong first = (ulong)cell * PagesPerCell;
        long known = 0;
        var main = PageCategory.Unknown;
        for (int i = 1; i < PageCategories.Count; i++)
        {
            known += _counts[cell, i];
            if (_counts[cell, i] > (main == PageCategory.Unknown ? 0 : _counts[cell, (int)main]))
                main = (PageCategory)i;
        }

        long all = (long)Math.Min(PagesPerCell, _file.Geometry.PageCount - first);
        if (_counts[cell, (int)PageCategory.Damaged] > 0)
            main = PageCategory.Damaged;
        else if (all - known > (main == PageCategory.Unknown ? 0 : _counts[cell, (int)main]))
            main = PageCategory.Unknown;
        isPure = (main == PageCategory.Unknown ? all - known : _counts[cell, (int)main]) == all;
        return main;
    }

    /// <summary>The average fill, from 0 to 1; null if nothing in the cell has one.</summary>
    public double? Fill(int cell) => _filled[cell] == 0 ? null : _fill[cell] / _filled[cell];

    /// <summary>
    /// The average of the powers of two of the ages: 0 for the newest commit, 1 for the one before, 2 for two and three
    /// commits back; null if nothing in the cell has one.
    /// </summary>
    public double? Age(int cell) => _aged[cell] == 0 ? null : _age[cell] / _aged[cell];

    /// <summary>How many named states have a page of the cell, on the average; null if none has any.</summary>
    public double? Named(int cell) => _named[cell] == 0
        ? null
        : _named[cell] / Math.Min(PagesPerCell, _file.Geometry.PageCount - ((ulong)cell * PagesPerCell));

    /// <summary>In which of two states most of the cell's pages are that are in one of them.</summary>
    public PageChange MainChange(int cell)
    {
        var main = PageChange.Neither;
        for (PageChange change = PageChange.Kept; change <= PageChange.Gone; change++)
        {
            if (_changes[cell, (int)change] > (main == PageChange.Neither ? 0 : _changes[cell, (int)main]))
                main = change;
        }

        return main;
    }

    /// <summary>Pages of a kind in all cells.</summary>
    public ulong Total(PageChange change)
    {
        ulong total = 0;
        for (int cell = 0; cell < Cells; cell++)
            total += (ulong)_changes[cell, (int)change];
        return total;
    }

    private void Note(ulong first, ulong pages, ulong birth, ulong freedIn)
    {
        if (_states is null)
            return;
        int named = _states.CountNamed(birth, freedIn);
        int change = (int)_states.Change(birth, freedIn);
        Spread(first, pages, (cell, part) =>
        {
            _named[cell] += (double)named * part;
            _changes[cell, change] += (long)part;
        });
    }

    private void Count(PageCategory category, ulong first, ulong pages) =>
        Spread(first, pages, (cell, part) => _counts[cell, (int)category] += (long)part);

    private void Measure(ulong first, ulong pages, double fill, ulong birth)
    {
        int age = 64 - BitOperations.LeadingZeroCount(_newest - Math.Min(birth, _newest));
        Spread(first, pages, (cell, part) =>
        {
            _fill[cell] += fill * part;
            _filled[cell] += (long)part;
            _age[cell] += (double)age * part;
            _aged[cell] += (long)part;
        });
    }

    private void Spread(ulong first, ulong pages, Action<int, ulong> add)
    {
        ulong end = Math.Min(first + pages, _file.Geometry.PageCount);
        for (ulong page = first; page < end;)
        {
            ulong cell = page / PagesPerCell;
            ulong next = Math.Min((cell + 1) * PagesPerCell, end);
            add((int)cell, next - page);
            page = next;
        }
    }
}
