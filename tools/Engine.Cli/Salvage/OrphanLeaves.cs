using System.Buffers.Binary;
using Engine.Cli.Inspection;
using Engine.Cli.Making;
using Engine.Cli.Reading;
using Engine.Integrity;
using Engine.Sorting;

namespace Engine.Cli.Salvage;

/// <summary>
/// Saves the entries of leaves to which nothing leads. A leaf does not say which tree it belongs to. Where all trees
/// are known, and the keys below the topmost node that is left lie within what one tree has lost and no other, that is
/// its tree; else its entries go to <see cref="LostAndFound"/>.
/// </summary>
internal sealed class OrphanLeaves
{
    private const long SortMemory = 16 * 1024 * 1024;

    private readonly SalvageContext _context;
    private readonly IReadOnlyList<SalvagedTree> _trees;
    private readonly IReadOnlyList<SalvagedTree> _damaged;
    private readonly KeyRangeSet[] _lost;
    private readonly bool _allTreesAreKnown;
    private readonly LostAndFound _found;
    private readonly EntryWalk _walk;
    private long _leaves;
    private long _superseded;
    private long _supersededEntries;
    private long _repeatedEntries;

    /// <param name="context">What the parts of the salvage share.</param>
    /// <param name="trees">The trees that are known.</param>
    /// <param name="allTreesAreKnown">Whether there can be no others.</param>
    /// <param name="found">Where entries go whose tree is not known.</param>
    public OrphanLeaves(SalvageContext context, IReadOnlyList<SalvagedTree> trees, bool allTreesAreKnown,
        LostAndFound found)
    {
        _context = context;
        _trees = trees;
        _damaged = [.. trees.Where(tree => tree.Losses.HasPages)];
        _lost = [.. _damaged.Select(tree => tree.Losses.KeysOf(withValues: false))];
        _allTreesAreKnown = allTreesAreKnown;
        _found = found;
        _walk = context.NewWalk(liveOnly: true);
    }

    /// <param name="index">What is known of leaves that may be former versions; null if the space log tells.</param>
    public OrphanResult Run(RowIndex? index)
    {
        if (index is null)
            TakeFragments();
        else
            TakeByBirth(index);
        return new OrphanResult(
            _leaves, _context.CountStaleLeaves(), _superseded, _supersededEntries, _repeatedEntries,
                _context.Stale.IsComplete, _found.Leaves > 0 ? _found : null);
    }

    /// <summary>Every leaf that is left counts: the highest nodes first, since these tell most.</summary>
    private void TakeFragments()
    {
        for (int level = FileFormat.MaximumDepth - 1; level >= 0; level--)
        {
            if ((level == 0 ? _context.Found.Leaves : _context.Found.Branches[level]) is not { } pages)
                continue;
            foreach (ulong page in _context.Pages.In(pages))
            {
                if (level > 0 ? !_context.Stale.Stale.Contains(page) : _context.IsLeft(page))
                    TakeFragment(page);
            }
        }
    }

    private void TakeFragment(ulong page)
    {
        if (Fragment.TryRead(_context, page) is not { } fragment)
            return;
        SalvagedTree? owner = FindOwner(fragment);

        // Without an owner the leaves are looked at one by one: one of them may still fit where the whole does not.
        if (owner is null && fragment.Level > 0)
            return;
        IEntryVisitor taker = owner is null ? new FoundTaker(this) : new OwnerTaker(this, owner);
        _walk.WalkBelow(fragment.Page, fragment.Crc, fragment.Level, taker);
    }

    /// <summary>
    /// There may be former versions among the leaves that are left. The newest come first. An entry that was saved
    /// before, key and value alike, is not repeated. A leaf that shares entries with what was saved before, and half of
    /// its keys, is taken for a former version of that: its entries that are there with another value are left out,
    /// too.
    /// </summary>
    private void TakeByBirth(RowIndex rows)
    {
        using var sorter = new ExternalSorter(SortMemory, Path.GetDirectoryName(Path.GetFullPath(_context.IndexPath))!);
        byte[] leaf = new byte[_context.Pages.Geometry.PageSize];
        byte[] key = new byte[2 * sizeof(ulong)];
        foreach (ulong page in _context.Pages.In(_context.Found.Leaves))
        {
            if (!_context.IsLeft(page) || !_context.Pages.TryRead(page, leaf))
                continue;
            BinaryPrimitives.WriteUInt64BigEndian(key, ulong.MaxValue - new PageHeader(leaf).Birth);
            BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(sizeof(ulong)), page);
            sorter.Add(key, default, isElsewhere: false);
        }

        sorter.Sort();
        while (sorter.MoveNext())
        {
            ulong page = BinaryPrimitives.ReadUInt64BigEndian(sorter.Key[sizeof(ulong)..]);
            if (Fragment.TryRead(_context, page) is not { } fragment)
                continue;

            // Twice, with values that are large: each time with walks that have seen nothing.
            var evidence = new Evidence(rows);
            _context.NewWalk(liveOnly: true, takes: false).WalkBelow(page, fragment.Crc, 0, evidence);
            if (evidence.IsFormer)
                _superseded++;
            int noted = rows.OwnerOf(page);
            SalvagedTree? owner = noted >= 0 ? _trees[noted] : FindOwner(fragment);
            var taker = new SortingTaker(this, rows, owner, evidence.IsFormer);
            _context.NewWalk(liveOnly: true).WalkBelow(page, fragment.Crc, 0, taker);
        }
    }

    private SalvagedTree? FindOwner(Fragment fragment)
    {
        if (!_allTreesAreKnown)
            return null;
        SalvagedTree? owner = null;
        for (int i = 0; i < _damaged.Count; i++)
        {
            if (!_lost[i].Contains(fragment.LowestKey, fragment.HighestKey))
                continue;
            if (owner is not null)
                return null;
            owner = _damaged[i];
        }

        return owner;
    }

    private void PutFound(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        _found.Put(_context.CurrentLeaf, _context.BirthOf(_context.CurrentLeaf), key, value);

    private bool TryPut(SalvagedTree owner, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _context.Filler.Enter(owner.Name);
        if (!_context.Filler.TryAdd(key, value))
            return false;
        owner.FromOrphans++;
        return true;
    }

    /// <summary>Looks whether a leaf is a former version of what was saved before.</summary>
    private sealed class Evidence(RowIndex rows) : IEntryVisitor
    {
        private long _entries;
        private long _keys;
        private long _rows;

        public bool IsFormer => _rows > 0 && 2 * _keys >= _entries;

        public void Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            _entries++;
            if (!rows.HasKey(key))
                return;
            _keys++;
            if (rows.HasRow(key, value))
                _rows++;
        }

        public void LostPage(ulong page, string problem, scoped in NodeBounds bounds)
        {
            // A leaf by itself has no pages below it.
        }

        public void LostValue(ulong page, string problem, ReadOnlySpan<byte> key) => _entries++;
    }

    /// <summary>Takes leaves that count into the tree that they belong to.</summary>
    private sealed class OwnerTaker(OrphanLeaves orphans, SalvagedTree owner) : IEntryVisitor
    {
        private ulong _leaf;

        public void Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            if (_leaf != orphans._context.CurrentLeaf)
            {
                _leaf = orphans._context.CurrentLeaf;
                orphans._leaves++;
            }

            if (!orphans.TryPut(owner, key, value))
                orphans.PutFound(key, value);
        }

        public void LostPage(ulong page, string problem, scoped in NodeBounds bounds)
        {
            // What a tree has lost was noted on the way down to it.
        }

        public void LostValue(ulong page, string problem, ReadOnlySpan<byte> key) =>
            owner.Losses.AddEntry(page, problem, key);
    }

    /// <summary>Takes leaves that count, and whose tree is not known.</summary>
    private sealed class FoundTaker(OrphanLeaves orphans) : IEntryVisitor
    {
        public void Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => orphans.PutFound(key, value);

        public void LostPage(ulong page, string problem, scoped in NodeBounds bounds)
        {
            // A leaf by itself has no pages below it.
        }

        public void LostValue(ulong page, string problem, ReadOnlySpan<byte> key) =>
            orphans._found.Losses.AddEntry(page, problem, key);
    }

    /// <summary>Takes what is not there yet of a leaf that may be a former version.</summary>
    private sealed class SortingTaker(OrphanLeaves orphans, RowIndex rows, SalvagedTree? owner, bool isFormer)
        : IEntryVisitor
    {
        private bool _isCounted;

        public void Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            if (rows.HasRow(key, value))
            {
                orphans._repeatedEntries++;
                return;
            }

            if (isFormer && rows.HasKey(key))
            {
                orphans._supersededEntries++;
                return;
            }

            if (owner is null || !orphans.TryPut(owner, key, value))
                orphans.PutFound(key, value);
            else if (!_isCounted)
                orphans._leaves++;
            _isCounted |= owner is not null;
            rows.Add(key, value);
        }

        public void LostPage(ulong page, string problem, scoped in NodeBounds bounds)
        {
            // A leaf by itself has no pages below it.
        }

        public void LostValue(ulong page, string problem, ReadOnlySpan<byte> key)
        {
            // The value of a former version may be gone, and nothing is lost by that.
            if (!isFormer)
                (owner?.Losses ?? orphans._found.Losses).AddEntry(page, problem, key);
        }
    }
}
