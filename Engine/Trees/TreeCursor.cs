using System.Runtime.CompilerServices;
using Engine.Pages;

namespace Engine.Trees;

/// <summary>
/// A position in one state of a tree. It knows nothing of changes: whoever lets a tree change under it (a write cursor)
/// seeks again. All members that read a position require one.
/// </summary>
internal struct TreeCursor
{
    private readonly PageSource _source;
    private readonly ulong _root;
    private readonly uint _rootCrc;
    private readonly int _depth;
    private readonly ulong _leafPages;
    private readonly ulong _entries;

    // How many leaves lie between here and where the cursor was last set: fewer than the tree has.
    private long _leavesMoved;
    private TreePath _path;
    private LeafPage _leaf;
    private int _index;
    private bool _isValid;

    // Where it moved last: 1 upwards, -1 downwards.
    private sbyte _step;

    public TreeCursor(PageSource source, in TreeRecord tree)
    {
        _source = source;
        _root = tree.Root;
        _rootCrc = tree.RootCrc;
        _depth = tree.Depth;
        _leafPages = tree.LeafPages;
        _entries = tree.Entries;
    }

    /// <summary>Whether the cursor stands on an entry.</summary>
    public readonly bool IsValid => _isValid;

    /// <summary>The leaf that the cursor stands in.</summary>
    public readonly LeafPage Leaf => _leaf;

    /// <summary>The entry's index in its leaf.</summary>
    public readonly int Index => _index;

    public readonly ReadOnlySpan<byte> Key => _leaf.Key(_index);

    public readonly ReadOnlySpan<byte> Value => TreeSearch.Value(_source, _leaf, _index, _step);

    public bool MoveToFirst() => _depth != 0 && SetPosition(DescendToFirst(Root(), _depth - 1), 0);

    public bool MoveToLast()
    {
        if (_depth == 0)
        {
            return false;
        }

        var leaf = DescendToLast(Root(), _depth - 1);
        return SetPosition(leaf, new LeafPage(leaf).Count - 1);
    }

    /// <summary>Moves to the first entry that is not below the key (ceiling).</summary>
    /// <param name="key">Where to look.</param>
    /// <param name="isEqual">Whether the entry has that very key.</param>
    /// <returns>False, without a position, if there is no such entry.</returns>
    public bool Seek(ReadOnlySpan<byte> key, out bool isEqual)
    {
        isEqual = false;
        if (_depth == 0)
        {
            return _isValid = false;
        }

        var leaf = new LeafPage(DescendTo(key));
        var index = leaf.LowerBound(key, out isEqual);
        leaf.PrefetchWalk(index, 1);
        SetPosition(leaf.Page, index);
        return index < leaf.Count || MoveToNextLeaf();
    }

    /// <summary>Moves to the last entry that is not above the key (floor), or that is below it.</summary>
    /// <returns>False, without a position, if there is no such entry.</returns>
    public bool SeekBelow(ReadOnlySpan<byte> key, bool orEqual, out bool isEqual)
    {
        isEqual = false;
        if (_depth == 0)
        {
            return _isValid = false;
        }

        var leaf = new LeafPage(DescendTo(key));
        var index = leaf.LowerBound(key, out isEqual);
        if (!(isEqual && orEqual))
        {
            isEqual = false;
            index--;
        }

        leaf.PrefetchWalk(index, -1);
        SetPosition(leaf.Page, index);
        return index >= 0 || MoveToPreviousLeaf();
    }

    /// <summary>Moves to the entry that so many others come before, in a counted tree whose counts are right.</summary>
    /// <returns>False, without a position, if there are not so many entries.</returns>
    public bool MoveToRank(ulong rank)
    {
        if (rank >= _entries)
        {
            return _isValid = false;
        }

        var page = Root();
        for (var level = _depth - 1; level > 0; level--)
        {
            var branch = TreeRank.Counted(page);
            var child = branch.FindByRank(ref rank);
            if (child == branch.Count)
            {
                throw TreeRank.CountsDisagree(page);
            }

            _path[level] = new PathStep { Page = page, Index = child };
            page = _source.Get(branch.Child(child), branch.ChildCrc(child), level - 1);
        }

        return rank < (ulong)page.Count
            ? SetPosition(page, (int)rank)
            : throw TreeRank.CountsDisagree(page);
    }

    /// <summary>Moves to the next entry; false, without a position, behind the last one.</summary>
    public bool MoveNext()
    {
        _step = 1;
        if (_isValid && _index + 1 < _leaf.Count)
        {
            _index++;
            _leaf.PrefetchCell(_index + LeafPage.Ahead);
            return true;
        }

        return MoveToNextLeaf();
    }

    /// <summary>Moves to the entry before; false, without a position, before the first one.</summary>
    public bool MovePrevious()
    {
        _step = -1;
        if (_isValid && _index > 0)
        {
            _index--;
            _leaf.PrefetchCell(_index - LeafPage.Ahead);
            return true;
        }

        return MoveToPreviousLeaf();
    }

    /// <summary>Moves to the first entry of the next leaf.</summary>
    public bool MoveToNextLeaf()
    {
        if (!LosePosition())
        {
            return false;
        }

        for (var level = 1; level < _depth; level++)
        {
            ref var step = ref _path[level];
            var branch = new BranchPage(step.Page);
            if (step.Index + 1 < branch.Count)
            {
                CountLeaf(1);
                step.Index++;
                var child = _source.Get(branch.Child(step.Index), branch.ChildCrc(step.Index), level - 1);
                var leaf = new LeafPage(DescendToFirst(child, level - 1));
                leaf.PrefetchWalk(0, 1);
                PrefetchSibling(1);
                return SetPosition(leaf.Page, 0);
            }
        }

        return false;
    }

    /// <summary>Moves to the last entry of the leaf before this one.</summary>
    public bool MoveToPreviousLeaf()
    {
        if (!LosePosition())
        {
            return false;
        }

        for (var level = 1; level < _depth; level++)
        {
            ref var step = ref _path[level];
            if (step.Index > 0)
            {
                CountLeaf(-1);
                step.Index--;
                var branch = new BranchPage(step.Page);
                var child = _source.Get(branch.Child(step.Index), branch.ChildCrc(step.Index), level - 1);
                var leaf = new LeafPage(DescendToLast(child, level - 1));
                leaf.PrefetchWalk(leaf.Count - 1, -1);
                PrefetchSibling(-1);
                return SetPosition(leaf.Page, leaf.Count - 1);
            }
        }

        return false;
    }

    /// <summary>A walk will come to the leaf beside this one soon: asks for it while this one is read.</summary>
    private readonly void PrefetchSibling(int direction)
    {
        ref readonly var step = ref _path[1];
        var branch = new BranchPage(step.Page);
        var sibling = step.Index + direction;
        if ((uint)sibling < (uint)branch.Count)
        {
            _source.Prefetch(branch.Child(sibling));
        }
    }

    /// <summary>
    /// Until the move has succeeded there is no position: it may meet a corrupt page, and then the path is in pieces.
    /// </summary>
    /// <returns>Whether there was one.</returns>
    private bool LosePosition()
    {
        var wasValid = _isValid;
        _isValid = false;
        return wasValid;
    }

    /// <summary>
    /// In a malformed file a few pages that refer to each other more than once look like more leaves than anybody can
    /// walk over. So no walk is longer than the tree's record says.
    /// </summary>
    private void CountLeaf(int direction)
    {
        _leavesMoved += direction;
        if ((ulong)Math.Abs(_leavesMoved) >= _leafPages)
        {
            ThrowTooManyLeaves();
        }
    }

    private readonly void ThrowTooManyLeaves() =>
        throw new DatabaseCorruptException(
            $"A tree has more leaves than the {_leafPages} in its record. Run the integrity check and restore from a "
            + "backup, or salvage what is readable.");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool SetPosition(Page leaf, int index)
    {
        _leaf = new LeafPage(leaf);
        _index = index;
        return _isValid = true;
    }

    private Page Root()
    {
        LosePosition();
        _leavesMoved = 0;
        return _source.Get(_root, _rootCrc, _depth - 1);
    }

    private Page DescendTo(ReadOnlySpan<byte> key)
    {
        var page = Root();
        for (var level = _depth - 1; level > 0; level--)
        {
            var branch = new BranchPage(page);
            var child = branch.Find(key);
            _path[level] = new PathStep { Page = page, Index = child };
            page = _source.Get(branch.Child(child), branch.ChildCrc(child), level - 1);
        }

        return page;
    }

    private Page DescendToFirst(Page page, int level)
    {
        for (; level > 0; level--)
        {
            _path[level] = new PathStep { Page = page, Index = 0 };
            var branch = new BranchPage(page);
            page = _source.Get(branch.Child(0), branch.ChildCrc(0), level - 1);
        }

        return page;
    }

    private Page DescendToLast(Page page, int level)
    {
        for (; level > 0; level--)
        {
            var branch = new BranchPage(page);
            var last = branch.Count - 1;
            _path[level] = new PathStep { Page = page, Index = last };
            page = _source.Get(branch.Child(last), branch.ChildCrc(last), level - 1);
        }

        return page;
    }
}
