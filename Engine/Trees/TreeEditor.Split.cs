using Engine.Pages;

namespace Engine.Trees;

internal sealed partial class TreeEditor
{
    /// <summary>
    /// Makes room in a full leaf for a cell that is to be inserted, by sharing with a neighbour or by a split, and
    /// returns the cell's value bytes.
    /// </summary>
    private Span<byte> SplitLeaf(Page page, int index, ReadOnlySpan<byte> key, int valueField, int valueBytes)
    {
        if (!IsInRun(page, index) && TryShift(page, index, key, valueField, valueBytes, out var value))
        {
            return value;
        }

        var leaf = new LeafPage(page);
        var count = leaf.Count;
        var newSize = PageLayout.LeafEntrySize(key.Length, valueBytes);
        var leftCount = ChooseLeafSplit(leaf, index, newSize);
        var rightReference = AddPage(0, out var rightPage);
        var isAppend = false;

        // Entries are counted with the new one among them: leftCount of them stay, the rest moves.
        if (leftCount == count && index == count)
        {
            var right = new LeafBuilder(rightPage, _pageSize, 1);
            value = right.Add(key, valueField, valueBytes);
            right.Finish();
            LeafEditor.RebuildHeads(page);
            isAppend = IsAtEdge(0, last: true);
        }
        else
        {
            var goesLeft = index < leftCount;
            var left = new LeafBuilder(_dirty.Scratch, _pageSize, leftCount);
            var right = new LeafBuilder(rightPage, _pageSize, count + 1 - leftCount);
            int valueOffset;
            if (goesLeft)
            {
                left.Add(leaf, 0, index);
                left.Add(key, valueField, valueBytes);
                valueOffset = left.Top + PageLayout.LeafCellHeader + key.Length;
                left.Add(leaf, index, leftCount - 1);
                right.Add(leaf, leftCount - 1, count);
            }
            else
            {
                left.Add(leaf, 0, leftCount);
                right.Add(leaf, leftCount, index);
                right.Add(key, valueField, valueBytes);
                valueOffset = right.Top + PageLayout.LeafCellHeader + key.Length;
                right.Add(leaf, index, count);
            }

            left.Finish();
            right.Finish();
            page.CopyFrom(_dirty.Scratch, _pageSize);
            value = (goesLeft ? page : rightPage).Bytes(_pageSize).Slice(valueOffset, valueBytes);
            ref var entry = ref _dirty[_references[0]];
            if (goesLeft)
            {
                entry.Inserts.MoveTo(index);
            }
            else
            {
                ref var inserts = ref _dirty[rightReference].Inserts;
                inserts = entry.Inserts;
                inserts.MoveTo(index - leftCount);
                entry.Inserts.End();
            }
        }

        var separator = Keys.Separator(new LeafPage(page).Key(leftCount - 1), new LeafPage(rightPage).Key(0));
        if (InsertChild(1, separator, rightReference) && isAppend)
        {
            // The path goes on to the new last leaf, and the finger with it.
            _indexes[1]++;
            _pages[0] = rightPage;
            _references[0] = rightReference;
            _finger.Put(Changes);
        }

        return value;
    }

    /// <summary>
    /// Whether an insert looks like one of many in ascending or descending order, which a split treats better than a
    /// neighbour does.
    /// </summary>
    private bool IsInRun(Page page, int index) =>
        IsAscending(index) || (index == page.Count && IsAtEdge(0, last: true))
        || (index == 0 && IsAtEdge(0, last: false));

    private bool IsAscending(int index) => _dirty[_references[0]].Inserts.IsContinuedAt(index);

    /// <summary>How many entries, the new one included, stay in the left page; between 1 and the old count.</summary>
    private int ChooseLeafSplit(LeafPage leaf, int index, int newSize)
    {
        var count = leaf.Count;
        var isAscending = IsAscending(index);
        if (index == count && (isAscending || IsAtEdge(0, last: true)))
        {
            return count;
        }

        if (index == 0 && IsAtEdge(0, last: false))
        {
            // The mirror image: descending keys at the very beginning of the tree.
            return 1;
        }

        var total = LeafEditor.Used(leaf.Page) + newSize;
        var left = 0;
        if (isAscending)
        {
            // The run goes on in the left page; what is behind it moves out of its way. (A large new cell may still not
            // fit.)
            for (var i = 0; i <= index; i++)
            {
                left += SizeAt(i);
            }

            if (left <= _leaves.Capacity)
            {
                return index + 1;
            }

            left = 0;
        }

        for (var i = 0; i <= count; i++)
        {
            var size = SizeAt(i);
            if (2 * (left + size) >= total || i == count)
            {
                // The entry that crosses the middle goes to whichever side leaves both within a page, and better
                // balanced.
                var withEntry = left + size;
                var fitsWith = withEntry <= _leaves.Capacity && i < count;
                var fitsWithout = total - left <= _leaves.Capacity && i > 0;
                return fitsWith && (!fitsWithout || (2 * withEntry) - total <= total - (2 * left)) ? i + 1 : i;
            }

            left += size;
        }

        return count;

        int SizeAt(int i) => i == index ? newSize : leaf.CellSize(i < index ? i : i - 1) + PageLayout.LeafSlotSize;
    }

    /// <summary>Whether the path runs along the tree's right (or left) edge above a level.</summary>
    private bool IsAtEdge(int level, bool last)
    {
        for (var above = level + 1; above < _record.Depth; above++)
        {
            if (_indexes[above] != (last ? _pages[above].Count - 1 : 0))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Inserts a child behind the path's child at a level, splitting upwards as needed.</summary>
    /// <returns>Whether the path from there upwards is still the one to both children.</returns>
    private bool InsertChild(int level, ReadOnlySpan<byte> separator, ulong child)
    {
        if (level == _record.Depth)
        {
            GrowRoot(separator, child);
            return false;
        }

        var page = _pages[level];
        var index = _indexes[level] + 1;
        _dirty.Touch(_references[level]);
        if (_branches.TryInsert(page, index, separator, child, crc: 0, entries: 0))
        {
            return true;
        }

        SplitBranch(level, page, index, separator, child);
        return false;
    }

    private void GrowRoot(ReadOnlySpan<byte> separator, ulong child)
    {
        if (_record.Depth == PageLayout.MaxDepth)
        {
            throw new DatabaseException(
                $"The tree is {PageLayout.MaxDepth} levels deep; a deeper one is not possible. Use a larger page "
                + "size.");
        }

        var reference = AddPage(_record.Depth, out var page);
        var root = new BranchBuilder(page, _record.Depth, _pageSize, 2, IsCounted);
        root.Add(default, _record.Root, crc: 0, entries: 0);
        root.Add(separator, child, crc: 0, entries: 0);
        root.Finish();
        SetRoot(reference);
        _record.Depth++;
    }

    private void SplitBranch(int level, Page page, int index, ReadOnlySpan<byte> separator, ulong child)
    {
        var branch = new BranchPage(page);
        var count = branch.Count;
        var leftCount = ChooseBranchSplit(
            level, branch, index, BranchEditor.SlotSize(page) + PageLayout.BranchCellHeader + separator.Length);
        var rightReference = AddPage(level, out var rightPage);

        // The separator of the first child that moves goes up instead; it must outlive the rebuilding of this page.
        var first = leftCount == index ? separator : branch.Separator(leftCount < index ? leftCount : leftCount - 1);
        Span<byte> promoted = stackalloc byte[first.Length];
        first.CopyTo(promoted);

        var left = new BranchBuilder(_dirty.Scratch, level, _pageSize, leftCount, IsCounted);
        var right = new BranchBuilder(rightPage, level, _pageSize, count + 1 - leftCount, IsCounted);
        if (index < leftCount)
        {
            left.Add(branch, 0, index);
            left.Add(separator, child, crc: 0, entries: 0);
            left.Add(branch, index, leftCount - 1);
            right.Add(branch, leftCount - 1, count);
        }
        else
        {
            left.Add(branch, 0, leftCount);
            right.Add(branch, leftCount, index);
            right.Add(separator, child, crc: 0, entries: 0);
            right.Add(branch, index, count);
        }

        left.Finish();
        right.Finish();
        page.CopyFrom(_dirty.Scratch, _pageSize);
        InsertChild(level + 1, promoted, rightReference);
    }

    /// <summary>
    /// How many children, the new one included, stay in the left branch; between 1 and the old count.
    /// </summary>
    private int ChooseBranchSplit(int level, BranchPage branch, int index, int newSize)
    {
        var count = branch.Count;
        if (index == count && IsAtEdge(level, last: true))
        {
            // Ascending load: the left branch stays full but for one child.
            return count - 1 > 0 ? count - 1 : 1;
        }

        var slotSize = BranchEditor.SlotSize(branch.Page);
        var total = BranchEditor.Used(branch.Page) + newSize;
        var left = 0;
        for (var i = 0; i < count; i++)
        {
            var size = i == index ? newSize : branch.CellSize(i < index ? i : i - 1) + slotSize;
            if (2 * (left + size) >= total)
            {
                // An entry is at most a third of a page, so one of the two sides of the middle always fits.
                var fitsWith = left + size <= _branches.Capacity;
                return fitsWith || i == 0 ? i + 1 : i;
            }

            left += size;
        }

        return count;
    }
}
