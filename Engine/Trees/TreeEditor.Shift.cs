using Engine.Pages;

namespace Engine.Trees;

/// <content>
/// A full leaf shares its entries with a neighbour that has room before it is split. So random puts fill
/// leaves to four fifths instead of the ln 2 that splits alone leave. It costs a page write where splitting costs one
/// too, and the two happen about twice as often as splits alone would.
/// </content>
internal sealed partial class TreeEditor
{
    /// <summary>A neighbour takes entries if this part of it is free …</summary>
    private const int ShiftRoom = 3;

    /// <summary>
    /// … and so many entries like the new one fit: with less, the next puts would find both full again. Leaves of few
    /// large entries are split, without a look at their neighbours, which would be a read of two pages for nothing:
    /// what a split leaves is half full at least.
    /// </summary>
    private const int ShiftEntries = 3;

    /// <summary>
    /// Spreads the entries of the path's full leaf, a new one among them, over it and a neighbour under the same
    /// parent; false, with nothing changed, if no neighbour has room, or the parent none for another separator.
    /// </summary>
    private bool TryShift(
        Page page, int index, ReadOnlySpan<byte> key, int valueField, int valueBytes, out Span<byte> value)
    {
        value = default;
        var own = _indexes[1];
        var needed = ShiftEntries * PageLayout.LeafEntrySize(key.Length, valueBytes);
        var other = _record.Depth == 1 || 2 * needed > _leaves.Capacity ? -1 : ChooseNeighbour(own, needed);
        if (other < 0)
        {
            return false;
        }

        var parentPage = _pages[1];
        var parent = new BranchPage(parentPage);
        var otherReference = parent.Child(other);
        var otherPage = _source.Get(otherReference, parent.ChildCrc(other), 0);
        var isLeft = own < other;
        var cells = new LeafCells(
            new LeafPage(isLeft ? page : otherPage),
            new LeafPage(isLeft ? otherPage : page),
            isLeft ? index : otherPage.Count + index,
            key,
            valueField,
            valueBytes);
        var leftCount = cells.ChooseMiddle(_leaves.Capacity);
        if (leftCount == 0)
        {
            return false;
        }

        var separator = Keys.Separator(cells.Key(leftCount - 1), cells.Key(leftCount));
        _dirty.Touch(_references[1]);
        if (!_branches.TryReplace(parentPage, Math.Max(own, other), separator))
        {
            return false;
        }

        // The neighbour's entries go to another buffer, the path's own by way of the scratch page: so both are read
        // until both are built.
        var isDirty = IsDirty(otherReference);
        Page newPage;
        if (isDirty)
        {
            _dirty.Touch(otherReference);
            _dirty[otherReference].CountedIn = 0;
            newPage = _dirty.Spare;
        }
        else
        {
            parent.SetChild(other, Replace(otherReference, otherPage, out newPage), 0);
        }

        var leftOffset = cells.Build(isLeft ? _dirty.Scratch : newPage, 0, leftCount, _pageSize);
        var rightOffset = cells.Build(isLeft ? newPage : _dirty.Scratch, leftCount, cells.Count, _pageSize);
        page.CopyFrom(_dirty.Scratch, _pageSize);
        _dirty[_references[0]].Inserts.End();
        if (isDirty)
        {
            _dirty.ReplaceBySpare(otherReference);
        }

        var isNewLeft = cells.NewAt < leftCount;
        value = (isNewLeft == isLeft ? page : newPage)
            .Bytes(_pageSize)
            .Slice(isNewLeft ? leftOffset : rightOffset, valueBytes);
        return true;
    }

    /// <summary>
    /// The neighbour under the same parent that should take entries of the path's leaf: a dirty one, which costs no
    /// page, or else a clean one; -1 if none has room. The emptier one of two would not fill leaves any better, and
    /// would cost a read.
    /// </summary>
    private int ChooseNeighbour(int own, int needed)
    {
        var parent = new BranchPage(_pages[1]);
        var hasLeft = own > 0;
        var hasRight = own + 1 < parent.Count;
        var isRightFirst = hasRight && IsDirty(parent.Child(own + 1)) && !(hasLeft && IsDirty(parent.Child(own - 1)));
        return isRightFirst && HasRoom(parent, own + 1, needed) ? own + 1
            : hasLeft && HasRoom(parent, own - 1, needed) ? own - 1
            : hasRight && !isRightFirst && HasRoom(parent, own + 1, needed) ? own + 1
            : -1;
    }

    private bool HasRoom(BranchPage parent, int child, int needed)
    {
        try
        {
            var page = _source.Get(parent.Child(child), parent.ChildCrc(child), 0);
            var room = _leaves.Capacity - LeafEditor.Used(page);
            return ShiftRoom * room >= _leaves.Capacity && room >= needed;
        }
        catch (DatabaseCorruptException)
        {
            // The put is none of that page's business.
            return false;
        }
    }
}
