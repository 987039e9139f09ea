using System.Runtime.CompilerServices;
using Engine.Pages;

namespace Engine.Trees;

/// <summary>
/// One of the two trees of a <see cref="TreeDiff"/>, and how far the walk over it has come. What it stands on is an
/// entry, or a subtree that has not been opened; at first the whole tree.
/// </summary>
internal struct TreeDiffSide
{
    private const int EndLevel = PageLayout.MaxDepth + 1;

    private readonly PageSource _source;
    private readonly ulong _root;
    private readonly uint _rootCrc;
    private readonly int _depth;
    private readonly ulong _pages;

    // The level of the page that has what the walk stands on; the depth if that is the root.
    private int _level;

    // Whether the subtree that it stands on may have keys below the first one that is asked for.
    private bool _isSeeking;
    private ulong _opened;
    private TreePath _path;

    public TreeDiffSide(PageSource source, in TreeRecord tree)
    {
        _source = source;
        _root = tree.Root;
        _rootCrc = tree.RootCrc;
        _depth = tree.Depth;
        _pages = tree.LeafPages + tree.BranchPages;
        _level = _depth == 0 ? EndLevel : _depth;
        _isSeeking = true;
    }

    /// <summary>Whether the walk has come to the end of the tree.</summary>
    public readonly bool IsEnd => _level == EndLevel;

    /// <summary>Whether it stands on an entry.</summary>
    public readonly bool IsEntry => _level == 0;

    /// <summary>The level of the page that has what it stands on: 0 for an entry, more for a subtree.</summary>
    public readonly int Level => _level;

    /// <summary>Pages that were opened.</summary>
    public readonly ulong Opened => _opened;

    /// <summary>The leaf of the entry that it stands on.</summary>
    public readonly LeafPage Leaf => new(_path[0].Page);

    /// <summary>The index of that entry.</summary>
    public readonly int Index => _path[0].Index;

    /// <summary>The key that it stands on; or what no key of the subtree that it stands on is below.</summary>
    public readonly ReadOnlySpan<byte> Bound => _level == 0 ? Leaf.Key(Index) : LowerBound();

    /// <summary>The value of the entry that it stands on; lives as long as the tree's state.</summary>
    public readonly ReadOnlySpan<byte> Value => TreeSearch.Value(_source, Leaf, Index);

    /// <summary>The length of that value; does not touch one that is in an overflow run.</summary>
    public readonly uint ValueLength => Leaf.TryGetInlineValue(Index, out var value)
        ? (uint)value.Length
        : Leaf.Overflow(Index).Length;

    /// <summary>
    /// Leaves out the subtrees that both sides have here. Pages that a state reaches do not change, and their numbers
    /// are given to no others while it is pinned: so the same number is the same page, with all below it.
    /// </summary>
    /// <returns>Whether there was one.</returns>
    public static bool SkipCommon(ref TreeDiffSide older, ref TreeDiffSide newer)
    {
        if (older._level != newer._level || older._level == 0 || older.IsEnd)
        {
            return false;
        }

        var common = older.CountCommon(newer);
        if (common == 0)
        {
            return false;
        }

        older.Advance(common);
        newer.Advance(common);
        return true;
    }

    /// <summary>Leaves out what it stands on, and what follows that in its page.</summary>
    /// <param name="count">How many children or entries; the page has them.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int count = 1)
    {
        _isSeeking = false;
        for (; _level < _depth; _level++)
        {
            ref var step = ref _path[_level];
            step.Index += count;
            if (step.Index < step.Page.Count)
            {
                return;
            }

            count = 1;
        }

        _level = EndLevel;
    }

    /// <summary>
    /// Opens the subtree that it stands on, and stands on the first of what is in it; or, where the walk begins in its
    /// midst, on the one that may have the first key.
    /// </summary>
    /// <exception cref="DatabaseCorruptException">
    /// The page fails its first touch, or there are more pages than the tree's record says: a malformed file may have
    /// some that refer to each other more than once, and look like more than anybody can walk over.
    /// </exception>
    public void Open(scoped in TreeDiffBounds bounds)
    {
        if (++_opened > _pages)
        {
            ThrowTooManyPages();
        }

        var level = _level - 1;
        var page = _source.Get(Reference(), Crc(), level);
        var index = _isSeeking && level > 0 ? new BranchPage(page).Find(bounds.From) : 0;
        if (level == 0)
        {
            index = _isSeeking ? FirstIndex(new LeafPage(page), bounds) : 0;
            new LeafPage(page).PrefetchWalk(index, 1);
            _isSeeking = false;
        }

        _path[level] = new PathStep { Page = page, Index = index };
        _level = level;
        if (index == page.Count)
        {
            Advance();
        }
    }

    private static int FirstIndex(LeafPage leaf, scoped in TreeDiffBounds bounds)
    {
        var index = leaf.LowerBound(bounds.From, out var isEqual);
        return isEqual && bounds.IsFromExcluded ? index + 1 : index;
    }

    private readonly int CountCommon(in TreeDiffSide other)
    {
        if (_level == _depth || other._level == other._depth)
        {
            return Reference() == other.Reference() ? 1 : 0;
        }

        ref readonly var step = ref _path[_level];
        ref readonly var otherStep = ref other._path[_level];
        return new BranchPage(step.Page).CountCommonChildren(
            step.Index, new BranchPage(otherStep.Page), otherStep.Index);
    }

    private readonly ulong Reference() => _level == _depth
        ? _root
        : new BranchPage(_path[_level].Page).Child(_path[_level].Index);

    private readonly uint Crc() => _level == _depth
        ? _rootCrc
        : new BranchPage(_path[_level].Page).ChildCrc(_path[_level].Index);

    /// <summary>The separator before the subtree; nothing below the first one of the tree.</summary>
    private readonly ReadOnlySpan<byte> LowerBound()
    {
        for (var level = _level; level < _depth; level++)
        {
            if (_path[level].Index > 0)
            {
                return new BranchPage(_path[level].Page).Separator(_path[level].Index);
            }
        }

        return default;
    }

    private readonly void ThrowTooManyPages() =>
        throw new DatabaseCorruptException(
            $"A tree has more pages than the {_pages} in its record. Run the integrity check and restore from a "
            + "backup, or salvage what is readable.");
}
