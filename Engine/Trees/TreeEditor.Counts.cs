using System.Runtime.CompilerServices;
using Engine.Pages;

namespace Engine.Trees;

/// <content>
/// Counted trees: a branch knows how many entries lie below each child. A change does not go up the path to say so:
/// it only notes that the counts on the path are lost. Who asks for them counts anew what was changed since, and a
/// commit notes each page's entries in its parent as it notes the page's CRC. So puts and deletes cost what they cost
/// in a plain tree.
/// </content>
/// <remarks>
/// Invariants: the count of a clean child is right, and so is that of a dirty one whose
/// <see cref="DirtyEntry.CountedIn"/> is this counting's number; the dirty ancestors of a dirty page whose count is
/// lost have lost theirs.
/// </remarks>
internal sealed partial class TreeEditor
{
    private static long _countings;

    /// <summary>The number of this counting: dirty pages that were counted before it must be counted again.</summary>
    private long _counting;

    private bool IsCounted => (_record.Flags & TreeFlags.Counted) != 0;

    /// <summary>
    /// Makes the counts of every branch right, so that ranks can be read as in a committed tree. Costs what has changed
    /// since the last time.
    /// </summary>
    public void Count()
    {
        if (IsCounted && _record.Depth > 1 && IsDirty(_record.Root) && _dirty[_record.Root].CountedIn != _counting)
        {
            CountBelow(_record.Root, _record.Depth - 1);
        }
    }

    /// <summary>Entries of the path's leaf, which was dirty before, are about to come or go.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void LoseCounts()
    {
        if (IsCounted && _dirty[_references[0]].CountedIn == _counting)
        {
            LoseCountsOfPath();
        }
    }

    /// <summary>
    /// The same if the leaf has become dirty just now, and is without a count though its parent may have one.
    /// </summary>
    private void LoseCountsOfPath()
    {
        for (var level = 0; level < _record.Depth; level++)
        {
            _dirty[_references[level]].CountedIn = 0;
        }
    }

    /// <summary>The counts of all dirty pages are lost.</summary>
    private void CountAnew() => _counting = Interlocked.Increment(ref _countings);

    /// <summary>Makes the counts in a branch right.</summary>
    private void Count(BranchPage branch, int level)
    {
        for (var i = branch.NextDirtyChild(0); i >= 0; i = branch.NextDirtyChild(i + 1))
        {
            var child = branch.Child(i);
            if (_dirty[child].CountedIn != _counting)
            {
                branch.SetEntryCount(i, CountBelow(child, level - 1));
            }
        }
    }

    /// <summary>Counts the entries below a dirty page.</summary>
    private ulong CountBelow(ulong reference, int level)
    {
        var page = _dirty.Get(reference);
        ulong entries;
        if (level == 0)
        {
            entries = (ulong)page.Count;
        }
        else
        {
            var branch = TreeRank.Counted(page);
            Count(branch, level);
            entries = branch.EntriesBelow;
        }

        _dirty[reference].CountedIn = _counting;
        return entries;
    }
}
