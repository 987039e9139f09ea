using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>
/// Walks trees depth first, one after the other, with one buffer for each level. The separators that bound a node are
/// those in the buffers of its ancestors, so nothing is allocated for a page.
/// </summary>
internal sealed class TreeWalk : IPlace
{
    private readonly CheckSession _session;
    private readonly LeafCheck _leafCheck;
    private readonly BranchCheck _branchCheck;
    private readonly OverflowCheck _overflowCheck;
    private readonly byte[]?[] _buffers = new byte[]?[MaximumDepth];

    /// <summary>The branches from the root down to the one whose children are being visited.</summary>
    private readonly Frame[] _frames = new Frame[MaximumDepth];
    private int _depth;

    private TreeLabel _label;
    private ILeafVisitor? _visitor;
    private TreeCounts _counts;

    public TreeWalk(CheckSession session)
    {
        _session = session;
        _leafCheck = new LeafCheck(session);
        _branchCheck = new BranchCheck(session);
        _overflowCheck = new OverflowCheck(session, this);
    }

    /// <summary>Walks a tree and compares what it holds with its record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="holder">The catalog's leaf that holds the record; null for a record in a meta.</param>
    /// <param name="holderBirth">The birth of that leaf, or the id of the meta: no page is younger.</param>
    /// <param name="label">What to call the tree.</param>
    /// <param name="visitor">Is shown the leaves.</param>
    /// <returns>The entries found.</returns>
    public ulong Walk(
        in TreeRecord record, ulong? holder, ulong holderBirth, TreeLabel label, ILeafVisitor? visitor = null)
    {
        _label = label;
        _visitor = visitor;
        _counts = new TreeCounts();
        _depth = 0;
        if (!CheckRecord(record, holder, holderBirth))
        {
            _session.AllReached &= record.Root == 0 && record.Depth == 0;
            return 0;
        }

        if (record.Root != 0)
            Visit(
                record.Root,
                record.RootCrc,
                holder,
                Math.Min(holderBirth, record.Changed),
                record.Depth - 1,
                default,
                default);
        while (_depth > 0)
            VisitNextChild();
        if (_counts.AreComplete)
            Compare(record, holder);
        else
            _session.AllReached = false;

        _session.LeafPages += _counts.LeafPages;
        _session.BranchPages += _counts.BranchPages;
        _session.OverflowPages += _counts.OverflowPages;
        return _counts.Entries;
    }

    public string Describe()
    {
        var path = string.Join(" > ", _frames.Take(_depth).Select(frame => frame.Page));
        return path.Length == 0 ? _label.ToString() : $"{_label} below {path}";
    }

    /// <summary>False if the record does not say enough to walk the tree.</summary>
    private bool CheckRecord(in TreeRecord record, ulong? holder, ulong holderBirth)
    {
        if (record.Zeros != 0)
            Fail(IntegrityRules.TreeZeros, holder, "zeros at byte 14 of the tree record", $"{record.Zeros}");
        if (record.Changed > holderBirth)
            Fail(
                IntegrityRules.TreeChanged,
                holder,
                $"a last change in a transaction up to {holderBirth}",
                $"{record.Changed}");
        if (record.Flags != 0)
            return Fail(
                IntegrityRules.TreeFlags,
                holder,
                $"no flag that version {FileFormat.Version} does not write",
                $"{record.Flags}");
        if (record.Depth > MaximumDepth)
            return Fail(IntegrityRules.TreeDepth, holder, $"depth 0 to {MaximumDepth}", $"{record.Depth}");
        if (record.Root == 0 != (record.Depth == 0))
            return Fail(
                IntegrityRules.TreeRoot,
                holder,
                "root and depth both 0 or neither",
                $"root {record.Root}, depth {record.Depth}");
        if (record.Root == 0 && record.RootCrc != 0)
            Fail(IntegrityRules.TreeRoot, holder, "root CRC 0 of an empty tree", Words.Hex(record.RootCrc));
        return true;
    }

    private void VisitNextChild()
    {
        ref var frame = ref _frames[_depth - 1];
        if (frame.Next == frame.Count)
        {
            _depth--;
            return;
        }

        var index = frame.Next++;
        var buffer = _buffers[_depth - 1]!;
        var (page, crc) = BranchCheck.Child(buffer, index);

        // Separators out of order bound nothing; what bounds the branch as a whole still bounds its children.
        var lower = frame.IsOrdered && index > 0 ? Separator(index) : frame.Lower;
        var upper = frame.IsOrdered && index + 1 < frame.Count ? Separator(index + 1) : frame.Upper;
        Visit(page, crc, frame.Page, frame.Birth, frame.Level - 1, lower, upper);

        Bound Separator(int i)
        {
            var (offset, length) = BranchCheck.SeparatorRange(buffer, i);
            return new Bound(_depth - 1, offset, length);
        }
    }

    /// <summary>Reads and checks one node; a sound branch becomes the innermost frame.</summary>
    private void Visit(ulong page, uint crc, ulong? parent, ulong parentBirth, int level, Bound lower, Bound upper)
    {
        if (!_session.Geometry.Contains(page))
        {
            Fail(
                IntegrityRules.PageBounds,
                parent,
                $"a reference to one of the pages {_session.Geometry}",
                $"page {page}");
            _counts.AreComplete = false;
            return;
        }

        if (!_session.Claim(this, page, 1))
        {
            _counts.AreComplete = false;
            return;
        }

        var buffer = _buffers[_depth] ??= new byte[_session.Geometry.PageSize];
        _session.ReadPage(page, buffer);
        var kind = level == 0 ? LeafKind : BranchKind;
        if (!PageHeaderCheck.CheckCrc(_session, this, page, 1, Crc32C.OfPage(buffer), crc, buffer)
            || !PageHeaderCheck.CheckKind(_session, this, page, buffer, kind, level))
        {
            _counts.AreComplete = false;
            return;
        }

        var birth = U64(buffer, 16);
        PageHeaderCheck.CheckIdentity(_session, this, page, buffer, parentBirth);
        _session.RunList?.CheckReached(_session, this, page, 1, birth);
        var bounds = new NodeBounds(Resolve(lower), lower.Exists, Resolve(upper), upper.Exists);
        if (level == 0)
            VisitLeaf(buffer, page, birth, bounds);
        else
            VisitBranch(buffer, page, birth, level, bounds, lower, upper);
    }

    private void VisitLeaf(byte[] buffer, ulong page, ulong birth, in NodeBounds bounds)
    {
        _counts.LeafPages++;
        if (!_leafCheck.Check(buffer, this, page, bounds))
        {
            _counts.AreComplete = false;
            return;
        }

        var count = LeafCheck.Count(buffer);
        _counts.Entries += (ulong)count;
        for (var i = 0; i < count; i++)
        {
            _ = LeafCheck.Entry(buffer, i, out var isOverflow, out _, out var value);
            if (isOverflow && !_overflowCheck.Check(buffer.AsSpan(value), page, birth, ref _counts))
                _counts.AreComplete = false;
        }

        _visitor?.VisitLeaf(buffer, page);
    }

    private void VisitBranch(
        byte[] buffer, ulong page, ulong birth, int level, in NodeBounds bounds, Bound lower, Bound upper)
    {
        _counts.BranchPages++;
        if (!_branchCheck.Check(buffer, this, page, bounds, out var isOrdered))
        {
            _counts.AreComplete = false;
            return;
        }

        _frames[_depth++] = new Frame
        {
            Page = page,
            Birth = birth,
            Level = level,
            Count = BranchCheck.Count(buffer),
            IsOrdered = isOrdered,
            Lower = lower,
            Upper = upper,
        };
    }

    private void Compare(in TreeRecord record, ulong? holder)
    {
        Compare(IntegrityRules.TreeEntries, record.Entries, _counts.Entries, "entries");
        Compare(IntegrityRules.TreeLeafPages, record.LeafPages, _counts.LeafPages, "leaf pages");
        Compare(IntegrityRules.TreeBranchPages, record.BranchPages, _counts.BranchPages, "branch pages");
        Compare(IntegrityRules.TreeOverflowPages, record.OverflowPages, _counts.OverflowPages, "overflow pages");

        void Compare(string rule, ulong recorded, ulong counted, string what)
        {
            if (recorded != counted)
                Fail(rule, holder, $"{counted} {what} in the tree record, as in the tree", $"{recorded}");
        }
    }

    private ReadOnlySpan<byte> Resolve(Bound bound) =>
        bound.Exists ? _buffers[bound.Depth].AsSpan(bound.Offset, bound.Length) : default;

    private bool Fail(string rule, ulong? page, string expected, string found)
    {
        _session.Problems.Add(rule, this, page, expected, found);
        return false;
    }

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
        public ulong Birth;
        public int Level;
        public int Count;
        public int Next;
        public bool IsOrdered;
        public Bound Lower;
        public Bound Upper;
    }
}
