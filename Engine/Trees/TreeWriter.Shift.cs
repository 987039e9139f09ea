using Engine.Pages;

namespace Engine.Trees;

/// <content>
/// A full leaf shares its entries with a neighbour that has room before it is split. So random puts fill leaves to four fifths instead of the ln 2 that
/// splits alone leave. It costs a page write where splitting costs one too, and happens about twice as often.
/// </content>
internal sealed partial class TreeWriter
{
    /// <summary>A neighbour takes entries if this part of it is free: with less, the next put would find both full again.</summary>
    private const int ShiftRoom = 3;

    /// <summary>
    /// Spreads the entries of the path's full leaf, a new one among them, over it and a neighbour under the same parent; false, with nothing changed, if no neighbour
    /// has room, or the parent none for another separator.
    /// </summary>
    private bool TryShift(Page page, int index, ReadOnlySpan<byte> key, int valueField, int valueBytes, out Span<byte> value)
    {
        value = default;
        var own = _indexes[1];
        var other = _record.Depth == 1 ? -1 : ChooseNeighbour(own);
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
        if (!_branches.TryReplace(parentPage, Math.Max(own, other), separator))
        {
            return false;
        }

        // The neighbour's entries go to a new buffer, the path's own by way of the scratch page: so both are read until both are built.
        var reference = _dirty.Add(1, out var newPage);
        var leftOffset = cells.Build(isLeft ? _dirty.Scratch : newPage, 0, leftCount, _pageSize);
        var rightOffset = cells.Build(isLeft ? newPage : _dirty.Scratch, leftCount, cells.Count, _pageSize);
        new BranchPage(parentPage).SetChild(other, reference, 0);
        page.CopyFrom(_dirty.Scratch, _pageSize);
        _dirty[_references[0]].AscendingInserts = 0;
        if (IsDirty(otherReference))
        {
            _dirty.Drop(otherReference);
        }
        else
        {
            _space.Free(otherReference, 1, otherPage.Birth);
        }

        var isNewLeft = cells.NewAt < leftCount;
        value = (isNewLeft == isLeft ? page : newPage).Bytes(_pageSize).Slice(isNewLeft ? leftOffset : rightOffset, valueBytes);
        return true;
    }

    /// <summary>The neighbour under the same parent that should take entries of the path's leaf: a dirty one, which costs no page, or else the emptier one; -1 if none has room.</summary>
    private int ChooseNeighbour(int own)
    {
        var parent = new BranchPage(_pages[1]);
        var best = -1;
        var bestRank = _leaves.Capacity / ShiftRoom;
        for (var other = Math.Max(own - 1, 0); other <= Math.Min(own + 1, parent.Count - 1); other++)
        {
            if (other == own)
            {
                continue;
            }

            var reference = parent.Child(other);
            var room = _leaves.Capacity - LeafEditor.Used(_source.Get(reference, parent.ChildCrc(other), 0));
            var rank = IsDirty(reference) && room >= bestRank ? room + _leaves.Capacity : room;
            if (rank >= bestRank)
            {
                best = other;
                bestRank = rank;
            }
        }

        return best;
    }
}
