using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>Walks trees, one after the other, and checks every rule of their pages.</summary>
internal sealed class TreeWalk : INodeVisitor, IPlace
{
    private readonly CheckSession _session;
    private readonly LeafCheck _leafCheck;
    private readonly BranchCheck _branchCheck;
    private readonly OverflowCheck _overflowCheck;
    private readonly TreeDescent _descent;
    private readonly LeafReader _leafReader;
    private TreeLabel _label;
    private ILeafVisitor? _visitor;
    private TreeCounts _counts = new();

    public TreeWalk(CheckSession session)
    {
        _session = session;
        _leafCheck = new LeafCheck(session);
        _branchCheck = new BranchCheck(session);
        _overflowCheck = new OverflowCheck(session, this);
        _descent = new TreeDescent(session.Geometry.PageSize, this);
        _leafReader = new LeafReader(session);
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
        _leafReader.Clear();
        if (!CheckRecord(record, holder, holderBirth))
        {
            if (record.Root != 0 || record.Depth != 0)
                _session.MissSomething();
            return 0;
        }

        if (record.Root != 0)
        {
            var birth = Math.Min(holderBirth, record.Changed);
            var entries = (record.Flags & CountedTree) != 0 ? record.Entries : (ulong?)null;
            var team = visitor is { TakesAnyOrder: false } ? null : _session.Team;
            team?.Begin(visitor);
            _descent.Team = team;
            _descent.Run(new NodeReference(record.Root, record.RootCrc, record.Depth - 1, holder, birth, entries));
            if (team is not null)
                _counts.Add(team.Finish());
        }

        if (!_counts.AreComplete)
            _session.MissSomething();
        else if (!_counts.LeaveOutKnown)
            Compare(record, holder);

        _session.Count(_counts);
        return _counts.Entries;
    }

    /// <summary>Checks some children of a branch above leaves, as a part of a walk.</summary>
    public void CheckChildren(SharedBranch branch, int from, int to, ILeafVisitor? visitor)
    {
        _visitor = visitor;
        _leafReader.Clear();
        _descent.RunChildren(branch, from, to);
    }

    /// <summary>What <see cref="CheckChildren"/> has found since this was asked last.</summary>
    public TreeCounts TakeCounts()
    {
        var counts = _counts;
        _counts = new TreeCounts();
        return counts;
    }

    public string Describe()
    {
        var path = string.Join(" > ", _descent.Path);
        var tree = path.Length == 0 ? _label.ToString() : $"{_label} below {path}";
        return _session.Snapshot is { } snapshot ? $"{snapshot}, {tree}" : tree;
    }

    Descent INodeVisitor.Visit(in NodeReference node, byte[] buffer, scoped in NodeBounds bounds)
    {
        if (_session.IsKnown(node.Page, 1))
        {
            CheckKnown(node, buffer);
            return Descent.None;
        }

        if (!TryRead(node, buffer))
        {
            _counts.AreComplete = false;
            return Descent.None;
        }

        if (node.Level > 0)
        {
            _counts.BranchPages++;
            if (_branchCheck.Check(buffer, this, node, bounds, out var isOrdered))
                return isOrdered ? Descent.Ordered : Descent.Unordered;
            _counts.AreComplete = false;
            return Descent.None;
        }

        _counts.LeafPages++;
        if (_leafCheck.Check(buffer, this, node.Page, bounds))
            VisitLeaf(buffer, node);
        else
            _counts.AreComplete = false;
        return Descent.None;
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
        if ((record.Flags & ~KnownTreeFlags) != 0 || (record.Flags != 0 && holder is null))
            return Fail(
                IntegrityRules.TreeFlags,
                holder,
                $"no flag that version {FileFormat.Version} does not write there",
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

    /// <summary>Reads the node that a reference means; false if it is another one, or cannot be looked at.</summary>
    private bool TryRead(in NodeReference node, byte[] buffer)
    {
        var page = node.Page;
        if (!_session.Geometry.Contains(page))
        {
            return Fail(
                IntegrityRules.PageBounds,
                node.Parent,
                $"a reference to one of the pages {_session.Geometry}",
                $"page {page}");
        }

        if (!_session.Claim(this, page, 1))
            return false;
        if (node.Level == 0)
            _leafReader.Read(page, node.Followers, buffer);
        else
            _session.ReadPage(page, buffer);
        var kind = node.Level == 0 ? LeafKind : BranchKind;
        if (!PageHeaderCheck.CheckCrc(_session, this, page, 1, Crc32C.OfPage(buffer), node.Crc, buffer)
            || !PageHeaderCheck.CheckKind(_session, this, page, buffer, kind, node.Level))
        {
            return false;
        }

        PageHeaderCheck.CheckIdentity(_session, this, page, buffer, node.ParentBirth);
        _session.CheckReached(this, page, 1, U64(buffer, 16));
        return true;
    }

    /// <summary>
    /// A page that another state reaches too was read, and so was all below it: it is compared with this reference.
    /// </summary>
    private void CheckKnown(in NodeReference node, byte[] buffer)
    {
        _counts.LeaveOutKnown = true;
        var header = buffer.AsSpan(0, HeaderLength);
        if (!_session.Claim(this, node.Page, 1))
            return;
        _session.ReadKnown(node.Page, header);
        if (PageHeaderCheck.CheckCrc(_session, this, node.Page, 1, U32(header, 0), node.Crc, header)
            && PageHeaderCheck.CheckKind(
                _session, this, node.Page, header, node.Level == 0 ? LeafKind : BranchKind, node.Level))
        {
            PageHeaderCheck.CheckIdentity(_session, this, node.Page, header, node.ParentBirth);
        }
    }

    private void VisitLeaf(byte[] buffer, in NodeReference node)
    {
        var page = node.Page;
        var count = LeafCheck.Count(buffer);
        if (node.Entries is { } entries && entries != (ulong)count)
            Fail(IntegrityRules.EntryCount, node.Parent, $"{count} as the count of page {page}", $"{entries}");
        _counts.Entries += (ulong)count;
        for (var i = 0; i < count && _leafCheck.HasOverflow; i++)
        {
            _ = LeafCheck.Entry(buffer, i, out var isOverflow, out _, out var value);
            if (isOverflow && !_overflowCheck.Check(buffer.AsSpan(value), page, U64(buffer, 16), ref _counts))
                _counts.AreComplete = false;
        }

        _visitor?.VisitLeaf(buffer, page);
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

    private bool Fail(string rule, ulong? page, string expected, string found)
    {
        _session.Problems.Add(rule, this, page, expected, found);
        return false;
    }
}
