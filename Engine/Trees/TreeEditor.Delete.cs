using Engine.Pages;

namespace Engine.Trees;

internal sealed partial class TreeEditor
{
    /// <summary>Deletes an entry.</summary>
    /// <returns>False, with nothing changed, if the key is absent.</returns>
    public bool Delete(ReadOnlySpan<byte> key)
    {
        if (_record.Depth == 0)
        {
            return false;
        }

        var leaf = Descend(key);
        var index = leaf.LowerBound(key, out var exists);
        if (!exists)
        {
            return false;
        }

        Touch();
        var page = MakePathDirty();
        NoteChange();
        leaf = new LeafPage(page);
        if (leaf.IsOverflow(index))
        {
            ReleaseOverflow(leaf.Overflow(index));
        }

        _leaves.Remove(page, index);
        _record.Entries--;
        Rebalance(0);
        return true;
    }

    /// <summary>Below a quarter of a page, a page is merged with a neighbour if both fit one.</summary>
    private bool IsUnderfull(Page page, int level) => level == 0
        ? 4 * LeafEditor.Used(page) < _leaves.Capacity
        : 4 * BranchEditor.Used(page) < _branches.Capacity;

    /// <summary>
    /// After entries or children left the path's page at a level: removes it if it is empty, merges it if it is small,
    /// and goes on upwards.
    /// </summary>
    private void Rebalance(int level)
    {
        while (level < _record.Depth - 1)
        {
            var page = _pages[level];
            if (page.Count == 0)
            {
                ReleasePage(_references[level], page, level);
                _dirty.Touch(_references[level + 1]);
                _branches.Remove(_pages[level + 1], _indexes[level + 1]);
            }
            else if (!IsUnderfull(page, level) || !TryMerge(level))
            {
                return;
            }

            level++;
        }

        ShrinkRoot();
    }

    /// <summary>An empty root leaf ends the tree; a root branch with one child gives way to the child.</summary>
    private void ShrinkRoot()
    {
        while (_record.Depth > 0)
        {
            var level = _record.Depth - 1;
            var reference = _record.Root;
            if (!IsDirty(reference))
            {
                return;
            }

            var page = _dirty.Get(reference);
            if (page.Count == 0)
            {
                ReleasePage(reference, page, level);
                SetRoot(0);
                _record.Depth = 0;
                return;
            }

            if (level == 0 || page.Count > 1)
            {
                return;
            }

            var branch = new BranchPage(page);
            _record.Root = branch.Child(0);
            _record.RootCrc = branch.ChildCrc(0);
            _record.Depth--;
            ReleasePage(reference, page, level);
        }
    }

    /// <summary>
    /// Merges the path's page with a neighbour under the same parent into the path's own buffer, so that the neighbour
    /// is only given up, never copied on write. Prefers a dirty neighbour, which costs no page. Never moves entries
    /// between pages that stay: so no separator ever grows.
    /// </summary>
    private bool TryMerge(int level)
    {
        var parent = new BranchPage(_pages[level + 1]);
        var index = _indexes[level + 1];
        var hasLeft = index > 0;
        var hasRight = index + 1 < parent.Count;
        var preferRight = hasRight
            && (!hasLeft || (IsDirty(parent.Child(index + 1)) && !IsDirty(parent.Child(index - 1))));
        return preferRight
            ? TryMerge(level, index, index + 1) || (hasLeft && TryMerge(level, index, index - 1))
            : (hasLeft && TryMerge(level, index, index - 1)) || (hasRight && TryMerge(level, index, index + 1));
    }

    private bool TryMerge(int level, int own, int other)
    {
        var parentPage = _pages[level + 1];
        var parent = new BranchPage(parentPage);
        var otherReference = parent.Child(other);
        var otherPage = _source.Get(otherReference, parent.ChildCrc(other), level);
        var ownPage = _pages[level];
        var leftPage = own < other ? ownPage : otherPage;
        var rightPage = own < other ? otherPage : ownPage;
        var rightIndex = Math.Max(own, other);
        if (level == 0)
        {
            if (LeafEditor.Used(leftPage) + LeafEditor.Used(rightPage) > _leaves.Capacity)
            {
                return false;
            }

            var merged = new LeafBuilder(_dirty.Scratch, _pageSize, leftPage.Count + rightPage.Count);
            merged.Add(new LeafPage(leftPage), 0, leftPage.Count);
            merged.Add(new LeafPage(rightPage), 0, rightPage.Count);
            merged.Finish();
        }
        else
        {
            // The right page's first child gets back the separator that stands in the parent.
            var separator = parent.Separator(rightIndex);
            if (BranchEditor.Used(leftPage) + BranchEditor.Used(rightPage) + separator.Length > _branches.Capacity)
            {
                return false;
            }

            var right = new BranchPage(rightPage);
            var merged = new BranchBuilder(
                _dirty.Scratch, level, _pageSize, leftPage.Count + rightPage.Count, IsCounted);
            merged.Add(new BranchPage(leftPage), 0, leftPage.Count);
            var below = right.IsCounted ? right.EntryCount(0) : 0;
            merged.Add(separator, right.Child(0), right.ChildCrc(0), below);
            merged.Add(right, 1, right.Count);
            merged.Finish();
        }

        _dirty.Touch(_references[level]);
        _dirty.Touch(_references[level + 1]);
        ownPage.CopyFrom(_dirty.Scratch, _pageSize);
        parent.SetChild(rightIndex - 1, _references[level], 0);
        _branches.Remove(parentPage, rightIndex);
        ReleasePage(otherReference, otherPage, level);
        if (level == 0)
        {
            _dirty[_references[0]].Inserts.End();
        }

        return true;
    }
}
