using Engine.Pages;

namespace Engine.Backups;

/// <summary>
/// A tree as the base of a backup has it. It tells of most pages that they are in it already without a look at them: a
/// branch that was written since has a counterpart in the base, for the same keys, and what both refer to is the same
/// page. So the pages that a backup reads are about those that it writes, and the former versions of the branches among
/// them, and not all that those refer to. What it does not find may be in the base nevertheless, elsewhere: its birth
/// tells.
/// </summary>
internal sealed class BaseTree(PageSource source)
{
    /// <summary>By level: the branch that was looked at last, and its children with their CRCs.</summary>
    private readonly Level[] _levels = new Level[PageLayout.MaxDepth + 1];
    private TreeRecord _record;

    /// <summary>From now on this is about a tree; about none if the record is that of an empty one.</summary>
    public void Reset(in TreeRecord record)
    {
        _record = record;
        foreach (ref var level in _levels.AsSpan())
        {
            level.Branch = 0;
        }
    }

    /// <summary>Whether a page is in the tree, as far as its place tells.</summary>
    /// <param name="lowest">No key below the page is lower.</param>
    /// <param name="page">The page.</param>
    /// <param name="crc">Its CRC.</param>
    /// <param name="level">Its level.</param>
    public bool Contains(ReadOnlySpan<byte> lowest, ulong page, uint crc, int level)
    {
        if (level >= _record.Depth - 1)
        {
            return level == _record.Depth - 1 && _record.Root == page && _record.RootCrc == crc;
        }

        ref var parents = ref _levels[level + 1];
        return (parents.Branch != 0 && parents.Has(page, crc))
            || (LookAt(ref parents, lowest, level + 1) && parents.Has(page, crc));
    }

    /// <summary>Goes to the branch that a key belongs to; false if it is there already.</summary>
    private bool LookAt(ref Level parents, ReadOnlySpan<byte> key, int level)
    {
        var (number, crc) = (_record.Root, _record.RootCrc);
        var page = source.Get(number, crc, _record.Depth - 1);
        for (var below = _record.Depth - 2; below >= level; below--)
        {
            var branch = new BranchPage(page);
            var child = branch.Find(key);
            (number, crc) = (branch.Child(child), branch.ChildCrc(child));
            page = source.Get(number, crc, below);
        }

        if (parents.Branch == number)
        {
            return false;
        }

        parents.Load(number, new BranchPage(page));
        return true;
    }

    private struct Level
    {
        private Dictionary<ulong, uint>? _children;

        public ulong Branch { get; set; }

        public readonly bool Has(ulong page, uint crc) => _children!.TryGetValue(page, out var known) && known == crc;

        public void Load(ulong number, BranchPage branch)
        {
            Branch = number;
            _children ??= [];
            _children.Clear();
            for (var i = 0; i < branch.Count; i++)
            {
                _children[branch.Child(i)] = branch.ChildCrc(i);
            }
        }
    }
}
