using Engine.Pages;

namespace Engine.Trees;

internal sealed partial class TreeEditor
{
    /// <summary>
    /// Writes an entry; the caller fills the value's bytes through the span at once, before any other operation.
    /// </summary>
    /// <param name="key">
    /// The key, within the limit (the caller checked); never in a dirty page: nobody has spans of those.
    /// </param>
    /// <param name="valueLength">Length of the value in bytes.</param>
    /// <param name="mode">What happens if the key is there.</param>
    /// <param name="early">
    /// An overflow run that is already on disk and becomes the value; its length is the value's.
    /// </param>
    /// <param name="value">The value's bytes, to be filled; empty for an early run.</param>
    /// <returns>False, with nothing changed, if the key is there and must not be overwritten.</returns>
    public bool Put(
        ReadOnlySpan<byte> key, int valueLength, PutMode mode, OverflowReference? early, out Span<byte> value)
    {
        var isInline = early is null && IsInline(key.Length, valueLength);
        var pages = isInline ? 0 : PageLayout.OverflowPages((uint)valueLength, _pageSize);
        if (!TryFindByFinger(key, out var index, out var exists))
        {
            if (_record.Depth == 0)
            {
                Touch();
                StartTree();
            }

            index = Descend(key).LowerBound(key, out exists);
            if (exists && mode == PutMode.AddOnly)
            {
                value = default;
                return false;
            }
        }

        Touch();
        var page = MakePathDirty();
        NoteChange();
        if (isInline)
        {
            value = PlaceCell(page, index, exists, key, valueLength, valueLength);
            return true;
        }

        var reference = early ?? _dirty.AddRun(valueLength, pages);
        var cell = PlaceCell(page, index, exists, key, PageLayout.OverflowBit, PageLayout.OverflowReferenceSize);
        reference.Write(cell);
        _record.OverflowPages += pages;
        value = early is null ? _dirty.Get(reference.Page).OverflowValue(reference.Length) : default;
        return true;
    }

    /// <summary>
    /// Writes an entry behind all others if the finger is on the tree's end, the value fits the leaf, and nothing else
    /// need be done. Otherwise changes nothing.
    /// </summary>
    /// <param name="key">The key, within the limit (the caller checked).</param>
    /// <param name="value">The value.</param>
    /// <param name="load">
    /// The load that the entry belongs to: <see cref="AppendResult.NotAbove"/> means that the key is not above the
    /// last one of this very load.
    /// </param>
    public AppendResult TryAppend(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, int load = AppendFinger.Nobody)
    {
        if (!_finger.IsOn(Changes) || !IsInline(key.Length, value.Length))
        {
            return AppendResult.Unknown;
        }

        Touch();
        _dirty.Touch(_references[0]);
        LoseCounts();
        var result = _leaves.TryAppend(_pages[0], key, value);
        if (result == AppendResult.Done)
        {
            _record.Entries++;
            NoteChange();
            _finger.Put(Changes, load);
        }

        return result == AppendResult.NotAbove && !_finger.IsOf(load) ? AppendResult.Unknown : result;
    }

    /// <summary>Whether a value is kept in its leaf.</summary>
    public bool IsInline(int keyLength, int valueLength) =>
        (long)PageLayout.LeafCellHeader + keyLength + valueLength <= PageLayout.MaxLeafCell(_pageSize);

    /// <summary>
    /// Whether a key goes just behind the last insert, at the end of the tree: then the path is known.
    /// </summary>
    private bool TryFindByFinger(ReadOnlySpan<byte> key, out int index, out bool exists)
    {
        exists = false;
        index = 0;
        if (!_finger.IsOn(Changes))
        {
            return false;
        }

        index = _pages[0].Count;
        return new LeafPage(_pages[0]).Key(index - 1).SequenceCompareTo(key) < 0;
    }

    private void StartTree()
    {
        SetRoot(AddPage(0, out var page));
        page.Initialize(PageKind.Leaf, 0, _pageSize);
        _record.Depth = 1;
    }

    /// <summary>
    /// Makes room for a cell in a dirty leaf, splitting it if need be, and returns the cell's value bytes.
    /// </summary>
    private Span<byte> PlaceCell(
        Page page, int index, bool exists, ReadOnlySpan<byte> key, int valueField, int valueBytes)
    {
        Span<byte> value;
        if (exists)
        {
            var leaf = new LeafPage(page);
            if (leaf.IsOverflow(index))
            {
                ReleaseOverflow(leaf.Overflow(index));
            }

            if (_leaves.TryReplace(page, index, valueField, valueBytes, out value))
            {
                return value;
            }

            // The page is too full for the larger value: as an insert, which may split.
            _leaves.Remove(page, index);
            _record.Entries--;
        }

        _record.Entries++;
        if (_leaves.TryInsert(page, index, key, valueField, valueBytes, out value))
        {
            _dirty[_references[0]].Inserts.Note(index);
            if (index == page.Count - 1 && IsAtEdge(0, last: true))
            {
                _finger.Put(Changes);
            }
            else
            {
                _finger.Lift();
            }

            return value;
        }

        return SplitLeaf(page, index, key, valueField, valueBytes);
    }
}
