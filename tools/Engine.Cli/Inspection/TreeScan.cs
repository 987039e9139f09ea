using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Inspection;

/// <summary>
/// Walks trees for people to look at. It goes only where a CRC is right and cells lie within their page, visits no page
/// twice, and says what it left out; judging everything else is the integrity check's business.
/// </summary>
internal sealed class TreeScan : INodeVisitor
{
    private readonly InspectedFile _file;
    private readonly PageSet _seen;
    private readonly Action<ulong>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly TreeDescent _descent;
    private readonly byte[] _runHeader = new byte[HeaderLength];
    private NodeVisit _visit = null!;
    private ITreeVisitor _visitor = null!;

    /// <param name="file">The file.</param>
    /// <param name="seen">Pages that have an owner already; those of the walked trees are added.</param>
    /// <param name="progress">Is told how many pages were read, now and then.</param>
    /// <param name="cancellation">Ends the walk.</param>
    public TreeScan(InspectedFile file, PageSet seen, Action<ulong>? progress, CancellationToken cancellation)
    {
        _file = file;
        _seen = seen;
        _progress = progress;
        _cancellation = cancellation;
        _descent = new TreeDescent(file.PageSize, this);
    }

    /// <summary>Pages read so far, those of overflow runs included.</summary>
    public ulong PagesSeen { get; private set; }

    public void Walk(TreeInfo tree, ITreeVisitor visitor)
    {
        _visit = new NodeVisit(tree);
        _visitor = visitor;
        if (tree.Record.Root == 0)
            return;
        if (tree.Record.Depth is 0 or > MaximumDepth)
        {
            visitor.Damaged(
                new Damage(
                    tree.Holder, tree.Holder is null ? 0UL : 1, $"{tree.Phrase} has a depth of {tree.Record.Depth}"));
            return;
        }

        TreeRecord record = tree.Record;
        _descent.Run(new NodeReference(record.Root, record.RootCrc, record.Depth - 1, null, record.Changed));
    }

    Descent INodeVisitor.Visit(in NodeReference node, byte[] buffer, scoped in NodeBounds bounds)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (!TryRead(node, buffer))
            return Descent.None;
        _visit.Page = node.Page;
        _visit.Bytes = buffer;
        _visit.Header = new PageHeader(buffer);
        _visit.Level = node.Level;
        _visit.SkipChildren = false;
        _visitor.Node(_visit, bounds);
        if (_visit.Stop)
            return Descent.Stop;
        if (_visit.SkipChildren)
            return Descent.None;
        if (node.Level > 0)
            return Descent.Ordered;
        ShowOverflow(buffer, _visit.Header);
        return Descent.None;
    }

    private bool TryRead(in NodeReference node, byte[] buffer)
    {
        ulong page = node.Page;
        if (!_file.Geometry.Contains(page))
            return Fail(node.Parent, $"refers to page {page}, and the pages are {_file.Geometry}");
        if (!Claim(page, 1))
            return Fail(page, $"is used a second time, by {_visit.Tree.Phrase}");
        if (!_file.TryRead(page, buffer))
            return Fail(page, "lies beyond the end of the file");
        uint computed = Crc32C.OfPage(buffer);
        if (computed != node.Crc)
            return Fail(page, $"CRC {Words.Hex(computed)}, and its reference says {Words.Hex(node.Crc)}");
        string kind = PageHeader.NameOf(node.Level == 0 ? LeafKind : BranchKind);
        return NodeCells.FindProblem(buffer, node.Level) is null
            || Fail(page, $"is no readable {kind} of level {node.Level}");
    }

    private void ShowOverflow(byte[] buffer, in PageHeader header)
    {
        for (int i = 0; i < header.Count; i++)
        {
            _ = LeafCell.TryRead(buffer, header.Count, i, out LeafCell cell);
            if (!cell.IsOverflow)
                continue;
            OverflowReference reference = cell.Reference(buffer);
            ulong pages = OverflowPages(reference.Length, _file.PageSize);
            if (!_file.Geometry.Contains(reference.Page, pages))
                Fail(
                    _visit.Page,
                    $"entry {i} refers to {pages} pages from {reference.Page}, and the pages are {_file.Geometry}");
            else if (!Claim(reference.Page, pages))
                Fail(reference.Page, $"is used a second time, by entry {i} of leaf {_visit.Page}");
            else if (!_file.TryRead(reference.Page, _runHeader) || !Matches(reference, new PageHeader(_runHeader)))
                Fail(
                    reference.Page,
                    $"is not the overflow run of {reference.Length} bytes that entry {i} of leaf {_visit.Page} means");
            else
                _visitor.Overflow(_visit, i, reference, pages);
        }
    }

    private static bool Matches(OverflowReference reference, in PageHeader header) =>
        header.Kind == OverflowKind && header.Page == reference.Page
        && header.Birth == reference.Birth && header.Length == reference.Length
        && header.Crc == reference.Crc;

    private bool Claim(ulong first, ulong pages)
    {
        ulong end = first + pages;
        bool isFree = _seen.Next(first, end, value: true) == end;
        if (isFree)
            _seen.Add(first, pages);
        PagesSeen += pages;
        _progress?.Invoke(PagesSeen);
        return isFree;
    }

    private bool Fail(ulong? page, string text)
    {
        TreeInfo tree = _visit.Tree;
        _visitor.Damaged(page is null
            ? new Damage(tree.Holder, tree.Holder is null ? 0UL : 1, $"the record of {tree.Phrase} {text}")
            : new Damage(page, 1, text));
        return false;
    }
}
