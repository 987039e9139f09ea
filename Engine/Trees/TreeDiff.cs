using System.Diagnostics.CodeAnalysis;
using Engine.Pages;

namespace Engine.Trees;

/// <summary>
/// Walks over the entries that two states of a tree do not have in common, in the order of their keys. Both are walked
/// side by side, and subtrees that both have are left out unopened: so it costs what the changes cost, not what the
/// trees have. Both states are pinned and live in one file. Allocates nothing.
/// </summary>
internal struct TreeDiff
{
    private TreeDiffSide _older;
    private TreeDiffSide _newer;
    private LeafPage _lastLeaf;
    private int _lastIndex;
    private bool _hasLast;

    public TreeDiff(
        PageSource olderSource, in TreeRecord older, PageSource newerSource, in TreeRecord newer)
    {
        _older = new TreeDiffSide(olderSource, older);
        _newer = new TreeDiffSide(newerSource, newer);
    }

    /// <summary>Whether the walk stands on an entry that the older state has.</summary>
    public bool IsInOlder { readonly get; private set; }

    /// <summary>Whether the walk stands on an entry that the newer state has.</summary>
    public bool IsInNewer { readonly get; private set; }

    /// <summary>Its key; there is one after a move that returned true.</summary>
    public readonly ReadOnlySpan<byte> Key => _lastLeaf.Key(_lastIndex);

    /// <summary>Its value in the older state, if that has it.</summary>
    public readonly ReadOnlySpan<byte> OlderValue => IsInOlder ? _older.Value : default;

    /// <summary>Its value in the newer state, if that has it.</summary>
    public readonly ReadOnlySpan<byte> NewerValue => IsInNewer ? _newer.Value : default;

    /// <summary>Pages of both trees that were looked into.</summary>
    public readonly ulong PagesVisited => _older.Opened + _newer.Opened;

    /// <summary>Moves to the next entry that differs.</summary>
    /// <param name="bounds">Where to look, always the same.</param>
    /// <exception cref="DatabaseCorruptException">A page on the way is damaged, or a tree is out of order.</exception>
    public bool MoveNext(scoped in TreeDiffBounds bounds)
    {
        var (wasInOlder, wasInNewer) = (IsInOlder, IsInNewer);
        (IsInOlder, IsInNewer) = (false, false);
        if (wasInOlder)
        {
            _older.Advance();
        }

        if (wasInNewer)
        {
            _newer.Advance();
        }

        while (true)
        {
            SkipCommon();
            if (_older.IsEnd && _newer.IsEnd)
            {
                return false;
            }

            // What comes first is looked at; of what begins at the same place, the larger.
            var order = CompareBounds();
            if (bounds.IsBehind(order <= 0 ? _older.Bound : _newer.Bound))
            {
                return false;
            }

            var isOlderFirst = order < 0 || (order == 0 && _older.Level >= _newer.Level);
            var isNewerFirst = order > 0 || (order == 0 && _newer.Level >= _older.Level);
            var isEntry = isOlderFirst ? _older.IsEntry : _newer.IsEntry;
            if (!isEntry)
            {
                Open(isOlderFirst, isNewerFirst, bounds);
            }
            else if (isOlderFirst && isNewerFirst && HaveSameValue())
            {
                _older.Advance();
                _newer.Advance();
            }
            else
            {
                SetPosition(isOlderFirst, isNewerFirst, bounds);
                return true;
            }
        }
    }

    /// <summary>Leaves out what both have here: subtrees that are the same, and entries that are.</summary>
    private void SkipCommon()
    {
        while (_older.IsEntry && _newer.IsEntry
            ? SkipCommonEntries()
            : TreeDiffSide.SkipCommon(ref _older, ref _newer))
        {
        }
    }

    /// <summary>Leaves out entries of two leaves whose cells are the same.</summary>
    /// <returns>Whether the end of a leaf was reached.</returns>
    private bool SkipCommonEntries()
    {
        var (older, newer) = (_older.Leaf, _newer.Leaf);
        var (i, j) = (_older.Index, _newer.Index);
        var most = Math.Min(older.Count - i, newer.Count - j);
        var common = 0;

        // A cell with a reference to its value has the page and the birth of that one, too.
        while (common < most && older.CellBytes(i + common).SequenceEqual(newer.CellBytes(j + common)))
        {
            common++;
        }

        if (common > 0)
        {
            _older.Advance(common);
            _newer.Advance(common);
        }

        return common == most;
    }

    /// <summary>Which of both comes first; the end of a tree comes last.</summary>
    private readonly int CompareBounds() =>
        _older.IsEnd ? 1 : _newer.IsEnd ? -1 : _older.Bound.SequenceCompareTo(_newer.Bound);

    private void Open(bool isOlder, bool isNewer, scoped in TreeDiffBounds bounds)
    {
        if (isOlder)
        {
            _older.Open(bounds);
        }

        if (isNewer)
        {
            _newer.Open(bounds);
        }
    }

    /// <summary>
    /// Whether two entries with the same key have the same value, wherever it is: one that has moved is no other.
    /// </summary>
    private readonly bool HaveSameValue()
    {
        if (_older.Leaf.IsOverflow(_older.Index) && _newer.Leaf.IsOverflow(_newer.Index))
        {
            var (older, newer) = (_older.Leaf.Overflow(_older.Index), _newer.Leaf.Overflow(_newer.Index));
            if (older.Page == newer.Page && older.Birth == newer.Birth)
            {
                return true;
            }
        }

        return _older.ValueLength == _newer.ValueLength && _older.Value.SequenceEqual(_newer.Value);
    }

    /// <summary>Stands on an entry, whose key must be above all before: in a malformed file it may not be.</summary>
    private void SetPosition(bool isInOlder, bool isInNewer, scoped in TreeDiffBounds bounds)
    {
        var (leaf, index) = isInOlder ? (_older.Leaf, _older.Index) : (_newer.Leaf, _newer.Index);
        var order = leaf.Key(index).SequenceCompareTo(_hasLast ? Key : bounds.From);
        if (order < 0 || (order == 0 && (_hasLast || bounds.IsFromExcluded)))
        {
            ThrowDisorder(leaf.Key(index));
        }

        (_lastLeaf, _lastIndex, _hasLast) = (leaf, index, true);
        (IsInOlder, IsInNewer) = (isInOlder, isInNewer);
    }

    [DoesNotReturn]
    private static void ThrowDisorder(ReadOnlySpan<byte> key) => throw new DatabaseCorruptException(
        $"A tree has the key {Convert.ToHexString(key)} at another place than its order says. Run the integrity check "
        + "and restore from a backup, or salvage what is readable.");
}
