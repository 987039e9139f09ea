using Engine.Cli.Inspection;
using Engine.Cli.Shared;
using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Reading;

/// <summary>
/// Reads the entries of trees from the file itself, with positional reads, as a reader of the engine would reach them:
/// from the root down, believing a page only if its CRC is the one that its reference holds. What cannot be read is
/// reported and left out. No page is read twice, so that it ends whatever the references are.
/// </summary>
internal sealed class EntryWalk : INodeVisitor
{
    private readonly IPageReader _reader;
    private readonly Geometry _geometry;
    private readonly PageSet _seen;
    private readonly Action? _pageRead;
    private readonly CancellationToken _cancellation;
    private readonly TreeDescent _descent;
    private readonly byte[] _lastPage;
    private readonly LargeBuffer _value = new();
    private IEntryVisitor _visitor = null!;
    private KeyRangeSet _ranges = KeyRangeSet.All;

    /// <param name="reader">The file.</param>
    /// <param name="geometry">Bounds of the page numbers, which the file's length backs.</param>
    /// <param name="seen">Pages that were read; those that this walk reads are added.</param>
    /// <param name="pageRead">Called for each page of a tree; nothing if nobody wants to know.</param>
    /// <param name="cancellation">Ends the walk.</param>
    public EntryWalk(
        IPageReader reader, Geometry geometry, PageSet seen, Action? pageRead, CancellationToken cancellation)
    {
        _reader = reader;
        _geometry = geometry;
        _seen = seen;
        _pageRead = pageRead;
        _cancellation = cancellation;
        _lastPage = new byte[geometry.PageSize];
        _descent = new TreeDescent(geometry.PageSize, this);
    }

    /// <summary>
    /// Says of a leaf why it is to be left out, as if it could not be read; null for one that is to be shown. Nothing
    /// is left out without it.
    /// </summary>
    public Func<ulong, string?>? Refusal { get; init; }

    /// <summary>Is told each leaf whose entries are about to be shown.</summary>
    public Action<ulong>? LeafShown { get; init; }

    /// <summary>Walks a tree, or the part of it that holds the keys of some ranges.</summary>
    public void Walk(in TreeRecord record, KeyRangeSet ranges, IEntryVisitor visitor)
    {
        _visitor = visitor;
        _ranges = ranges;
        if (record is { Root: 0, Depth: 0 })
            return;
        if (record.Depth is 0 or > MaximumDepth || (record.Flags & ~KnownTreeFlags) != 0)
        {
            visitor.LostPage(
                record.Root, $"the tree's record says depth {record.Depth} and flags {record.Flags}", default);
            return;
        }

        _descent.Run(new NodeReference(record.Root, record.RootCrc, record.Depth - 1, null, record.Changed));
    }

    /// <summary>Walks what lies below a node, wherever that belongs.</summary>
    /// <param name="page">The node.</param>
    /// <param name="crc">The CRC that it has.</param>
    /// <param name="level">Its level; 0 for a leaf.</param>
    /// <param name="visitor">Is given the entries.</param>
    public void WalkBelow(ulong page, uint crc, int level, IEntryVisitor visitor)
    {
        _visitor = visitor;
        _ranges = KeyRangeSet.All;
        _descent.Run(new NodeReference(page, crc, level, null, ulong.MaxValue));
    }

    Descent INodeVisitor.Visit(in NodeReference node, byte[] buffer, scoped in NodeBounds bounds)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (!_ranges.Overlaps(bounds))
            return Descent.None;
        if (node.Level == 0 && Refusal?.Invoke(node.Page) is { } refusal)
        {
            _visitor.LostPage(node.Page, refusal, bounds);
            return Descent.None;
        }

        if (ReadNode(node, buffer) is { } problem)
        {
            _visitor.LostPage(node.Page, problem, bounds);
            return Descent.None;
        }

        if (node.Level > 0)
            return Descent.Ordered;
        ShowLeaf(node.Page, buffer);
        return Descent.None;
    }

    private string? ReadNode(in NodeReference node, byte[] buffer)
    {
        if (!_geometry.Contains(node.Page))
            return "lies outside the file";
        if (_seen.Add(node.Page, 1) != PageSet.None)
            return "belongs to something else already";
        _pageRead?.Invoke();
        if (!_reader.TryRead((long)node.Page * _geometry.PageSize, buffer))
            return "could not be read";
        uint computed = Crc32C.OfPage(buffer);
        return computed != node.Crc
            ? $"has CRC {Words.Hex(computed)} where its reference says {Words.Hex(node.Crc)}"
            : NodeCells.FindProblem(buffer, node.Level);
    }

    private void ShowLeaf(ulong number, ReadOnlySpan<byte> page)
    {
        LeafShown?.Invoke(number);
        int count = new PageHeader(page).Count;
        for (int i = 0; i < count; i++)
        {
            _ = LeafCell.TryRead(page, count, i, out LeafCell cell);
            ReadOnlySpan<byte> key = cell.Key(page);
            if (!_ranges.Contains(key))
                continue;
            if (!cell.IsOverflow)
                _visitor.Entry(key, cell.Value(page));
            else if (ReadValue(cell.Reference(page)) is { } problem)
                _visitor.LostValue(cell.Reference(page).Page, problem, key);
            else
                _visitor.Entry(key, _value.Take((int)cell.Reference(page).Length));
        }
    }

    /// <summary>Reads a run into the buffer for values; the CRC of its pages is computed on the way.</summary>
    private string? ReadValue(in OverflowReference reference)
    {
        ulong pages = OverflowPages(reference.Length, _geometry.PageSize);
        if (reference.Length > int.MaxValue)
            return $"has {reference.Length} bytes, and values have at most {int.MaxValue}";
        if (!_geometry.Contains(reference.Page, pages))
            return "lies outside the file";
        if (_seen.Add(reference.Page, pages) != PageSet.None)
            return "belongs to something else already";
        Span<byte> rest = _value.Take((int)reference.Length);
        uint crc = Crc32C.Initial;
        for (ulong i = 0; i < pages; i++)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (!_reader.TryRead((long)(reference.Page + i) * _geometry.PageSize, _lastPage))
                return "could not be read";
            crc = Crc32C.AppendPage(crc, _lastPage, hasHeader: i == 0);
            ReadOnlySpan<byte> part = _lastPage.AsSpan(i == 0 ? HeaderLength : 0);
            part = part[..Math.Min(part.Length, rest.Length)];
            part.CopyTo(rest);
            rest = rest[part.Length..];
        }

        return ~crc == reference.Crc
            ? null
            : $"has CRC {Words.Hex(~crc)} where its reference says {Words.Hex(reference.Crc)}";
    }
}
