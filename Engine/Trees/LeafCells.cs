using Engine.Pages;

namespace Engine.Trees;

/// <summary>
/// The cells of two neighbouring leaves in key order, and a new one among them, while they are spread anew.
/// </summary>
/// <param name="left">The left leaf.</param>
/// <param name="right">The right leaf.</param>
/// <param name="newAt">The position that the new entry will have among all of them.</param>
/// <param name="key">Its key.</param>
/// <param name="valueField">The value field of its cell.</param>
/// <param name="valueBytes">The bytes that its value takes in the cell.</param>
internal readonly ref struct LeafCells(
    LeafPage left, LeafPage right, int newAt, ReadOnlySpan<byte> key, int valueField, int valueBytes)
{
    private readonly LeafPage _left = left;
    private readonly LeafPage _right = right;
    private readonly ReadOnlySpan<byte> _key = key;
    private readonly int _leftCount = left.Count;

    public int NewAt => newAt;

    /// <summary>All cells, the new one included.</summary>
    public int Count { get; } = left.Count + right.Count + 1;

    /// <summary>
    /// How many of the cells fill half of what they need together; 0 if the two parts do not both fit a page.
    /// </summary>
    /// <param name="capacity">Bytes of slots and cells in a page.</param>
    public int ChooseMiddle(int capacity)
    {
        var total = LeafEditor.Used(_left.Page) + LeafEditor.Used(_right.Page) + NewSize;
        var used = 0;
        var count = 0;
        while (count < Count && 2 * used < total)
        {
            used += Size(count++);
        }

        // One cell over the half, or one below: whichever is nearer to it.
        var last = Size(count - 1);
        if ((2 * used) - total > total - (2 * (used - last)))
        {
            used -= last;
            count--;
        }

        return used <= capacity && total - used <= capacity && count < Count ? count : 0;
    }

    public ReadOnlySpan<byte> Key(int index) =>
        index == newAt ? _key : InLeft(ref index) ? _left.Key(index) : _right.Key(index);

    /// <summary>Fills a page with the cells <paramref name="from"/> … <paramref name="to"/> − 1.</summary>
    /// <returns>Where the bytes of the new cell's value begin, if it is among them.</returns>
    public int Build(Page page, int from, int to, int pageSize)
    {
        var builder = new LeafBuilder(page, pageSize, to - from);
        var offset = 0;
        for (var i = from; i < to; i++)
        {
            if (i == newAt)
            {
                builder.Add(_key, valueField, valueBytes);
                offset = builder.Top + PageLayout.LeafCellHeader + _key.Length;
            }
            else
            {
                var index = i;
                builder.Add(InLeft(ref index) ? _left.CellBytes(index) : _right.CellBytes(index));
            }
        }

        builder.Finish();
        return offset;
    }

    private int NewSize => PageLayout.LeafEntrySize(_key.Length, valueBytes);

    private int Size(int index) =>
        index == newAt
            ? NewSize
            : (InLeft(ref index) ? _left.CellSize(index) : _right.CellSize(index)) + PageLayout.LeafSlotSize;

    /// <summary>Turns a position among all cells but the new one's into one in its leaf.</summary>
    private bool InLeft(ref int index)
    {
        index -= index > newAt ? 1 : 0;
        if (index < _leftCount)
        {
            return true;
        }

        index -= _leftCount;
        return false;
    }
}
