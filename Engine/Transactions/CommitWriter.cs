using System.Runtime.InteropServices;
using Engine.Pages;
using Engine.Space;
using Engine.Storage;
using Engine.Trees;

namespace Engine.Transactions;

/// <summary>
/// Turns a dirty list into pages of the file: gives every page its number (leaves in key order into long runs, branches
/// into their zone), sums children before parents, and writes in few large pieces. Reused from commit to commit; one at
/// a time.
/// </summary>
internal sealed partial class CommitWriter
{
    /// <summary>
    /// The largest write of tree pages that the file did not have before, and that do not lie together in memory: they
    /// were changed here and there, and will be again, one at a time. Where they are written first in units of four
    /// pages the system does that faster than where it was in units of sixteen.
    /// </summary>
    private const int MaxNewGatheredBytes = 16 * 1024;

    private readonly int _pageSize;
    private readonly DirtyList _dirty;
    private readonly SpaceManager _space;
    private readonly PageFile _file;
    private readonly List<ulong> _leaves = [];
    private readonly List<ulong> _branches = [];
    private readonly List<ulong> _runs = [];
    private readonly List<Extent> _extents = [];
    private readonly List<WrittenPages> _items = [];
    private readonly List<GatheringWrite> _writes = [];
    private readonly List<MemoryPiece> _pieces = [];

    // So many pages the file had when the last pages of trees were written.
    private ulong _knownPages;

    public CommitWriter(
        DirtyList dirty, SpaceManager space, PageFile file, int pageSize, int inlineRunsLimit)
    {
        _inlineRunsLimit = inlineRunsLimit;
        _pageSize = pageSize;
        _dirty = dirty;
        _space = space;
        _file = file;
    }

    /// <summary>
    /// Pages that this commit has written or will write, large values that were written early excepted.
    /// </summary>
    public ulong Count { get; private set; }

    /// <summary>Forgets the last commit.</summary>
    public void Clear()
    {
        _leaves.Clear();
        _branches.Clear();
        _runs.Clear();
        _items.Clear();
        _writes.Clear();
        _pieces.Clear();
        Count = 0;
    }

    /// <summary>Finds the dirty pages of a tree, children before parents, in key order.</summary>
    public TreePages Collect(in TreeRecord tree)
    {
        var from = (_leaves.Count, _branches.Count);
        if ((tree.Root & PageSource.DirtyBit) != 0)
        {
            _dirty[tree.Root].Parent = 0;
            Collect(tree.Root, tree.Depth - 1);
        }

        return new TreePages(from.Item1, _leaves.Count, from.Item2, _branches.Count);
    }

    /// <summary>
    /// Gives every collected page its number. Afterwards nothing of the transaction can be unaccounted for.
    /// </summary>
    /// <param name="liveBranchPages">
    /// Branch pages of all trees, which tells the space manager how large their zone should be.
    /// </param>
    public void AssignNumbers(ulong liveBranchPages)
    {
        if (Collected != _dirty.LiveCount)
        {
            throw new InvalidOperationException(
                $"The trees refer to {Collected} dirty pages, but the transaction holds {_dirty.LiveCount}: a page "
                + "leaked. The transaction must be aborted; please report this.");
        }

        foreach (var reference in _runs)
        {
            ref var entry = ref _dirty[reference];
            entry.Number = _space.TakeRun(entry.Pages).Start;
            Count += entry.Pages;
        }

        Assign(_leaves, branches: false, liveBranchPages);
        Assign(_branches, branches: true, liveBranchPages);
        Count += (ulong)(_leaves.Count + _branches.Count);
    }

    private int Collected => _leaves.Count + _branches.Count + _runs.Count;

    /// <summary>Refuses to go on if pages have become dirty since they were collected, or were dropped.</summary>
    public void RequireAllCollected()
    {
        if (Collected != _dirty.LiveCount)
        {
            throw ShapeChanged();
        }
    }

    /// <summary>
    /// Completes a tree's pages: headers, checksums, and with each its reference in its parent, which comes later; then
    /// the root of its record.
    /// </summary>
    public void Complete(ref TreeRecord tree, TreePages pages, ulong transactionId)
    {
        for (var i = pages.LeavesFrom; i < pages.LeavesTo; i++)
        {
            if (_runs.Count > 0)
            {
                CompleteValues(new LeafPage(_dirty.Get(_leaves[i])), transactionId);
            }

            Complete(_leaves[i], transactionId);
        }

        for (var i = pages.BranchesFrom; i < pages.BranchesTo; i++)
        {
            Complete(_branches[i], transactionId);
        }

        if ((tree.Root & PageSource.DirtyBit) != 0)
        {
            ref var root = ref _dirty[tree.Root];
            RequireNumber(root.Number);
            tree.RootCrc = root.Crc;
            tree.Root = root.Number;
        }
    }

    /// <summary>Writes every page of trees; nothing refers to them yet, so a failure loses nothing.</summary>
    /// <param name="pageCount">Pages that the file has with them.</param>
    /// <param name="logPages">Pages of the space log that belong to the commit.</param>
    /// <param name="list">Its run list.</param>
    public void Write(ulong pageCount, ReadOnlySpan<LogPageImage> logPages, in CommitList list)
    {
        _file.Prepare(CollectionsMarshal.AsSpan(_items), pageCount);
        Gather(_leaves);
        Gather(_branches);
        WriteGathered(areJoined: false);
        _knownPages = Math.Max(_knownPages, pageCount);
        foreach (var image in logPages)
        {
            _file.Write(image.Page, image.Bytes.Span);
        }

        WriteList(list);
    }

    /// <summary>Marks what was written as verified.</summary>
    public void MarkWritten() => _file.MarkWritten(CollectionsMarshal.AsSpan(_items));

    private void Collect(ulong reference, int level)
    {
        var page = _dirty.Get(reference);
        if (level == 0)
        {
            CollectValues(new LeafPage(page));
            _leaves.Add(reference);
            return;
        }

        var branch = new BranchPage(page);
        for (var i = branch.NextDirtyChild(0); i >= 0; i = branch.NextDirtyChild(i + 1))
        {
            var child = branch.Child(i);
            ref var entry = ref _dirty[child];
            entry.Parent = reference;
            entry.Index = (ushort)i;
            Collect(child, level - 1);
        }

        _branches.Add(reference);
    }

    private void CollectValues(LeafPage leaf)
    {
        if (!_dirty.HasRuns)
        {
            return;
        }

        var count = leaf.Count;
        for (var i = 0; i < count; i++)
        {
            if (leaf.IsOverflow(i) && (leaf.Overflow(i).Page & PageSource.DirtyBit) != 0)
            {
                _runs.Add(leaf.Overflow(i).Page);
            }
        }
    }

    private void Assign(List<ulong> references, bool branches, ulong liveBranchPages)
    {
        if (references.Count == 0)
        {
            return;
        }

        _extents.Clear();
        if (branches)
        {
            _space.TakeBranches((ulong)references.Count, liveBranchPages, _extents);
        }
        else
        {
            _space.TakeLeaves((ulong)references.Count, _extents);
        }

        var next = 0;
        foreach (var extent in CollectionsMarshal.AsSpan(_extents))
        {
            for (var page = extent.Start; page < extent.End; page++)
            {
                _dirty[references[next++]].Number = page;
            }
        }

        if (next != references.Count)
        {
            throw new InvalidOperationException("The space manager gave another number of pages than asked for.");
        }
    }

    private void CompleteValues(LeafPage leaf, ulong transactionId)
    {
        var count = leaf.Count;
        for (var i = 0; i < count; i++)
        {
            if (leaf.IsOverflow(i) && leaf.Overflow(i) is var value && (value.Page & PageSource.DirtyBit) != 0)
            {
                ref var entry = ref _dirty[value.Page];
                RequireNumber(entry.Number);
                leaf.SetOverflow(i, new OverflowReference(entry.Number, transactionId, entry.Crc, value.Length));
            }
        }
    }

    /// <summary>Gives an overflow run its header and CRC.</summary>
    private void CompleteRun(ref DirtyEntry entry, ulong transactionId)
    {
        entry.Page.Number = entry.Number;
        entry.Page.Birth = transactionId;
        entry.Crc = PageChecksum.ComputeRun(entry.Page, entry.Pages, _pageSize);
        entry.Page.Crc = entry.Crc;
    }

    /// <summary>
    /// A reference to a page without a number would be corruption: refused before anything is written.
    /// </summary>
    private void RequireNumber(ulong number)
    {
        if (number < PageLayout.FirstPage(_pageSize))
        {
            throw new InvalidOperationException(
                "A page was to be referred to that has no number. The transaction must be aborted; please report "
                + "this.");
        }
    }

    /// <summary>Gives a leaf or branch its header and CRC, and tells its parent.</summary>
    private void Complete(ulong reference, ulong transactionId)
    {
        ref var entry = ref _dirty[reference];
        RequireNumber(entry.Number);
        var page = entry.Page;
        page.Number = entry.Number;
        page.Birth = transactionId;
        entry.Crc = PageChecksum.Compute(page.Bytes(_pageSize));
        page.Crc = entry.Crc;
        _items.Add(new(entry.Number, 1, entry.Crc));
        if (entry.Parent != 0)
        {
            // The same page at the same place as when it was collected: only the values of entries may have changed
            // since.
            var parent = new BranchPage(_dirty.Get(entry.Parent));
            if (entry.Index >= parent.Count || parent.Child(entry.Index) != reference)
            {
                throw ShapeChanged();
            }

            parent.SetChild(entry.Index, entry.Number, entry.Crc);
            if (parent.IsCounted)
            {
                parent.SetEntryCount(
                    entry.Index, page.Level == 0 ? (ulong)page.Count : new BranchPage(page).EntriesBelow);
            }
        }
    }

    /// <summary>What a tree means that is another one than when its pages were collected.</summary>
    private static DatabaseCorruptException ShapeChanged() => new(
        "A tree changed its shape while its transaction was committed: a damaged file has its keys in disorder. "
        + "The transaction was aborted. Run the integrity check, and restore from a backup or copy what is readable.");

    /// <summary>
    /// Sums and writes the runs of large values, piece by piece, while they are in the processor's cache. Nothing
    /// refers to them yet.
    /// </summary>
    public void WriteRuns(ulong pageCount, ulong transactionId)
    {
        if (_runs.Count == 0)
        {
            return;
        }

        foreach (var reference in _runs)
        {
            ref var entry = ref _dirty[reference];
            RequireNumber(entry.Number);
            _items.Add(new(entry.Number, entry.Pages, 0));
        }

        var items = CollectionsMarshal.AsSpan(_items);
        _file.Prepare(items, pageCount);
        for (var i = 0; i < _runs.Count;)
        {
            var next = EndOfWrite(_runs, i, PageFile.MaxWriteBytes);
            WriteRuns(i, next, items[i..], transactionId);
            i = next;
        }
    }

    /// <summary>
    /// A piece of them: called so often that it is soon compiled well, as the loop above is not. Written of a copy:
    /// large values that the system was to gather took it a quarter longer.
    /// </summary>
    private void WriteRuns(int from, int to, Span<WrittenPages> items, ulong transactionId)
    {
        for (var i = from; i < to; i++)
        {
            ref var entry = ref _dirty[_runs[i]];
            CompleteRun(ref entry, transactionId);
            items[i - from] = new(entry.Number, entry.Pages, entry.Crc);
        }

        Gather(_runs, from, to);
        WriteGathered(areJoined: true);
    }

    /// <summary>Gathers pages in their order, neighbours in one write.</summary>
    private void Gather(List<ulong> references)
    {
        for (var i = 0; i < references.Count;)
        {
            var isNew = _dirty[references[i]].Number >= _knownPages;
            var next = EndOfWrite(references, i, isNew ? MaxNewGatheredBytes : PageFile.MaxWriteBytes);
            Gather(references, i, next);
            i = next;
        }
    }

    /// <summary>
    /// Where a write ends, of pages or runs that are neighbours in the file: up to the longest write if they are
    /// neighbours in memory too, as those of an ascending load are, and otherwise up to a number of bytes.
    /// </summary>
    private int EndOfWrite(List<ulong> references, int from, int maxGatheredBytes)
    {
        var perWrite = (ulong)(PageFile.MaxTogetherBytes / _pageSize);
        var perGathered = (ulong)(maxGatheredBytes / _pageSize);
        ref var first = ref _dirty[references[from]];
        var pages = first.Pages;
        var lieTogether = true;
        var next = from + 1;
        for (; next < references.Count; next++)
        {
            ref var entry = ref _dirty[references[next]];
            var follows = lieTogether && entry.Page.IsAt(first.Page, (long)pages * _pageSize);
            if (entry.Number != first.Number + pages || pages + entry.Pages > (follows ? perWrite : perGathered))
            {
                break;
            }

            lieTogether = follows;
            pages += entry.Pages;
        }

        return next;
    }

    /// <summary>
    /// Gathers pages or runs that are neighbours in the file; neighbours in memory, too, are one piece. A
    /// long run is more than one write.
    /// </summary>
    private void Gather(List<ulong> references, int from, int to)
    {
        ref var first = ref _dirty[references[from]];
        var position = (long)first.Number * _pageSize;
        if (to == from + 1)
        {
            var bytes = (long)first.Pages * _pageSize;
            for (long offset = 0; offset < bytes; offset += PageFile.MaxWriteBytes)
            {
                var part = (int)Math.Min(PageFile.MaxWriteBytes, bytes - offset);
                _writes.Add(new(position + offset, part, _pieces.Count, 1));
                _pieces.Add(first.Page.Piece(offset, part));
            }

            return;
        }

        var (piece, length) = (_pieces.Count, 0);
        var (start, held) = (first.Page, 0);
        for (var i = from; i < to; i++)
        {
            ref var entry = ref _dirty[references[i]];
            if (!entry.Page.IsAt(start, held))
            {
                _pieces.Add(start.Piece(0, held));
                (start, held) = (entry.Page, 0);
            }

            var part = (int)entry.Pages * _pageSize;
            held += part;
            length += part;
        }

        _pieces.Add(start.Piece(0, held));
        _writes.Add(new(position, length, piece, _pieces.Count - piece));
    }

    private void WriteGathered(bool areJoined)
    {
        if (_writes.Count == 0)
        {
            // The file of a session takes any write, however empty, for its first change.
            return;
        }

        _file.Write(CollectionsMarshal.AsSpan(_writes), CollectionsMarshal.AsSpan(_pieces), areJoined);
        _writes.Clear();
        _pieces.Clear();
    }
}
