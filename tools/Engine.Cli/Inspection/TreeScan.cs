using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Inspection;

/// <summary>
/// Walks trees for people to look at, depth first with a buffer for each level. It goes only where a CRC is right and
/// cells lie within their page, visits no page twice, and says what it left out; judging everything else is the
/// integrity check's business.
/// </summary>
internal sealed class TreeScan
{
    private readonly InspectedFile _file;
    private readonly PageSet _seen;
    private readonly Action<ulong>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly byte[]?[] _buffers = new byte[]?[MaximumDepth];
    private readonly Frame[] _frames = new Frame[MaximumDepth];
    private readonly byte[] _runHeader = new byte[HeaderLength];
    private int _depth;
    private Bound _lower;
    private Bound _upper;
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
    }

    /// <summary>Pages read so far, those of overflow runs included.</summary>
    public ulong PagesSeen { get; private set; }

    internal ReadOnlySpan<byte> Lower => Resolve(_lower);

    internal ReadOnlySpan<byte> Upper => Resolve(_upper);

    internal bool HasLower => _lower.Exists;

    internal bool HasUpper => _upper.Exists;

    public void Walk(TreeInfo tree, ITreeVisitor visitor)
    {
        _visit = new NodeVisit(tree, this);
        _visitor = visitor;
        _depth = 0;
        if (tree.Record.Root == 0)
            return;
        if (tree.Record.Depth is 0 or > MaximumDepth)
        {
            visitor.Damaged(
                new Damage(
                    tree.Holder, tree.Holder is null ? 0UL : 1, $"{tree.Phrase} has a depth of {tree.Record.Depth}"));
            return;
        }

        Visit(new Reference(tree.Record.Root, tree.Record.RootCrc, null), tree.Record.Depth - 1, default, default);
        while (_depth > 0 && !_visit.Stop)
            VisitNextChild();
    }

    private void VisitNextChild()
    {
        ref Frame frame = ref _frames[_depth - 1];
        if (frame.Next == frame.Count)
        {
            _depth--;
            return;
        }

        int index = frame.Next++;
        byte[] buffer = _buffers[_depth - 1]!;
        _ = BranchCell.TryRead(buffer, frame.Count, index, out BranchCell cell);
        Bound lower = index > 0 ? new Bound(_depth - 1, cell.SeparatorOffset, cell.SeparatorLength) : frame.Lower;
        Bound upper = frame.Upper;
        if (index + 1 < frame.Count)
        {
            _ = BranchCell.TryRead(buffer, frame.Count, index + 1, out BranchCell next);
            upper = new Bound(_depth - 1, next.SeparatorOffset, next.SeparatorLength);
        }

        Visit(new Reference(cell.Child, cell.ChildCrc, frame.Page), frame.Level - 1, lower, upper);
    }

    private void Visit(in Reference reference, int level, Bound lower, Bound upper)
    {
        _cancellation.ThrowIfCancellationRequested();
        ulong page = reference.Page;
        if (!_file.Geometry.Contains(page))
        {
            Fail(reference.Parent, $"refers to page {page}, and the pages are {_file.Geometry}");
            return;
        }

        if (!Claim(page, 1))
        {
            Fail(page, $"is used a second time, by {_visit.Tree.Phrase}");
            return;
        }

        byte[] buffer = _buffers[_depth] ??= new byte[_file.PageSize];
        if (!_file.TryRead(page, buffer))
        {
            Fail(page, "lies beyond the end of the file");
            return;
        }

        uint computed = Crc32C.OfPage(buffer);
        if (computed != reference.Crc)
        {
            Fail(page, $"CRC {Words.Hex(computed)}, and its reference says {Words.Hex(reference.Crc)}");
            return;
        }

        var header = new PageHeader(buffer);
        byte kind = level == 0 ? LeafKind : BranchKind;
        if (header.Kind != kind || header.Level != level || !CellsAreReadable(buffer, header))
        {
            Fail(page, $"is no readable {PageHeader.NameOf(kind)} of level {level}");
            return;
        }

        Show(reference, buffer, header, level, lower, upper);
    }

    private void Show(in Reference reference, byte[] buffer, in PageHeader header, int level, Bound lower, Bound upper)
    {
        (_lower, _upper) = (lower, upper);
        _visit.Page = reference.Page;
        _visit.Bytes = buffer;
        _visit.Header = header;
        _visit.Level = level;
        _visit.Parent = reference.Parent;
        _visit.SkipChildren = false;
        _visitor.Node(_visit);
        if (_visit.SkipChildren || _visit.Stop)
            return;
        if (level == 0)
            ShowOverflow(buffer, header);
        else
            _frames[_depth++] =
                new Frame { Page = reference.Page, Level = level, Count = header.Count, Lower = lower, Upper = upper };
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

    private static bool CellsAreReadable(byte[] buffer, in PageHeader header)
    {
        for (int i = 0; i < header.Count; i++)
        {
            bool isReadable = header.Kind == LeafKind
                ? LeafCell.TryRead(buffer, header.Count, i, out _)
                : BranchCell.TryRead(buffer, header.Count, i, out _);
            if (!isReadable)
                return false;
        }

        return header.Count > 0;
    }

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

    private void Fail(ulong? page, string text) => _visitor.Damaged(page is null
        ? new Damage(
            _visit.Tree.Holder, _visit.Tree.Holder is null ? 0UL : 1, $"the record of {_visit.Tree.Phrase} {text}")
        : new Damage(page, 1, text));

    private ReadOnlySpan<byte> Resolve(Bound bound) =>
        bound.Exists ? _buffers[bound.Depth].AsSpan(bound.Offset, bound.Length) : default;

    private readonly record struct Reference(ulong Page, uint Crc, ulong? Parent);

    /// <summary>A separator in the buffer of an ancestor; the default value stands for none.</summary>
    private readonly struct Bound(int depth, int offset, int length)
    {
        public bool Exists { get; } = true;

        public int Depth { get; } = depth;

        public int Offset { get; } = offset;

        public int Length { get; } = length;
    }

    private struct Frame
    {
        public ulong Page;
        public int Level;
        public int Count;
        public int Next;
        public Bound Lower;
        public Bound Upper;
    }
}
