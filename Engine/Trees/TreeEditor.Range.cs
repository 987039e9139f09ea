using Engine.Pages;

namespace Engine.Trees;

internal sealed partial class TreeEditor
{
    /// <summary>
    /// Removes all entries, giving every page free. Reads each page for its birth, decodes only cells that may hold
    /// overflow values.
    /// </summary>
    /// <returns>How many entries there were.</returns>
    public ulong Clear()
    {
        var entries = _record.Entries;
        if (_record.Depth != 0)
        {
            Touch();
            NoteChange();
            ReleaseSubtree(_record.Root, _record.RootCrc, _record.Depth - 1);
            SetRoot(0);
            _record.Depth = 0;
            _record.Entries = 0;
        }

        return entries;
    }

    /// <summary>
    /// Removes the entries with from ≤ key &lt; to; subtrees that lie inside are given free as a whole.
    /// </summary>
    /// <returns>How many entries there were.</returns>
    public ulong DeleteRange(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool hasTo)
    {
        if (_record.Depth == 0 || (hasTo && from.SequenceCompareTo(to) >= 0))
        {
            return 0;
        }

        Touch();
        var before = _record.Entries;

        // Bounds that lie in a page of this tree would move with it.
        from = CopyIfDirty(from);
        to = CopyIfDirty(to);
        var root = Cut(_record.Root, _record.RootCrc, _record.Depth - 1, from, true, to, hasTo);
        if (root != _record.Root)
        {
            SetRoot(root);
            if (root == 0)
            {
                _record.Depth = 0;
            }
        }

        var removed = before - _record.Entries;
        if (removed != 0)
        {
            CountAnew();
            NoteChange();
            ShrinkRoot();
            MendPath(from);
            if (hasTo)
            {
                MendPath(to);
            }
        }

        return removed;
    }

    /// <summary>Removes a range below a reference.</summary>
    /// <returns>The reference that takes its place: itself if nothing was removed, 0 if nothing is left.</returns>
    private ulong Cut(
        ulong reference, uint crc, int level, ReadOnlySpan<byte> from, bool hasFrom, ReadOnlySpan<byte> to, bool hasTo)
    {
        var page = _source.Get(reference, crc, level);
        if (!hasFrom && !hasTo)
        {
            _record.Entries -= ReleaseSubtree(reference, crc, level);
            return 0;
        }

        return level == 0
            ? CutLeaf(reference, page, from, hasFrom, to, hasTo)
            : CutBranch(reference, page, level, from, hasFrom, to, hasTo);
    }

    private ulong CutLeaf(
        ulong reference, Page page, ReadOnlySpan<byte> from, bool hasFrom, ReadOnlySpan<byte> to, bool hasTo)
    {
        var leaf = new LeafPage(page);
        var first = hasFrom ? leaf.LowerBound(from, out _) : 0;
        var end = hasTo ? leaf.LowerBound(to, out _) : leaf.Count;
        if (first >= end)
        {
            return reference;
        }

        for (var i = first; i < end; i++)
        {
            if (leaf.IsOverflow(i))
            {
                ReleaseOverflow(leaf.Overflow(i));
            }
        }

        _record.Entries -= (ulong)(end - first);
        if (first == 0 && end == leaf.Count)
        {
            ReleasePage(reference, page, 0);
            return 0;
        }

        reference = MakeDirty(reference, ref page);
        _leaves.Remove(page, first, end - first);
        return reference;
    }

    private ulong CutBranch(
        ulong reference, Page page, int level, ReadOnlySpan<byte> from, bool hasFrom, ReadOnlySpan<byte> to, bool hasTo)
    {
        var branch = new BranchPage(page);
        var first = hasFrom ? branch.Find(from) : 0;
        var last = hasTo ? branch.Find(to) : branch.Count - 1;

        // Only the children at the two ends are cut; those between them go whole.
        var newFirst =
            Cut(branch.Child(first), branch.ChildCrc(first), level - 1, from, hasFrom, to, hasTo && first == last);
        var newLast = newFirst;
        if (first != last)
        {
            for (var i = first + 1; i < last; i++)
            {
                _record.Entries -= ReleaseSubtree(branch.Child(i), branch.ChildCrc(i), level - 1);
            }

            newLast = Cut(branch.Child(last), branch.ChildCrc(last), level - 1, default, false, to, hasTo);
        }

        var goneFrom = newFirst == 0 ? first : first + 1;
        var goneTo = newLast == 0 ? last + 1 : last;
        var gone = Math.Max(0, goneTo - goneFrom);
        if (gone == branch.Count)
        {
            ReleasePage(reference, page, level);
            return 0;
        }

        if (gone == 0 && newFirst == branch.Child(first) && newLast == branch.Child(last))
        {
            return reference;
        }

        reference = MakeDirty(reference, ref page);
        branch = new BranchPage(page);
        if (newFirst != 0 && newFirst != branch.Child(first))
        {
            branch.SetChild(first, newFirst, 0);
        }

        if (newLast != 0 && newLast != branch.Child(last))
        {
            branch.SetChild(last, newLast, 0);
        }

        if (gone > 0)
        {
            _branches.Remove(page, goneFrom, gone);
        }

        return reference;
    }

    /// <summary>Gives all pages below a reference free, itself included.</summary>
    /// <returns>How many entries they held.</returns>
    private ulong ReleaseSubtree(ulong reference, uint crc, int level)
    {
        var page = _source.Get(reference, crc, level);
        ulong entries = 0;
        if (level == 0)
        {
            var leaf = new LeafPage(page);
            var count = leaf.Count;
            entries = (ulong)count;
            for (var i = 0; i < count; i++)
            {
                if (leaf.IsOverflow(i))
                {
                    ReleaseOverflow(leaf.Overflow(i));
                }
            }
        }
        else
        {
            var branch = new BranchPage(page);
            var count = branch.Count;
            for (var i = 0; i < count; i++)
            {
                entries += ReleaseSubtree(branch.Child(i), branch.ChildCrc(i), level - 1);
            }
        }

        ReleasePage(reference, page, level);
        return entries;
    }

    /// <summary>
    /// After a range was cut out: merges what became small along the path of a bound, until nothing on it can be
    /// merged.
    /// </summary>
    private void MendPath(ReadOnlySpan<byte> key)
    {
        var again = true;
        while (again && _record.Depth > 1)
        {
            again = false;
            Descend(key);
            for (var level = 0; level < _record.Depth - 1; level++)
            {
                if (IsDirty(_references[level]) && IsUnderfull(_pages[level], level) && TryMerge(level))
                {
                    again = true;
                    break;
                }
            }

            ShrinkRoot();
        }
    }

    private ReadOnlySpan<byte> CopyIfDirty(ReadOnlySpan<byte> bound) => _dirty.Count > 0 ? bound.ToArray() : bound;
}
