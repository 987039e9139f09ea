namespace Engine.Space;

/// <summary>
/// The parts of an extent in the words of a bitmap: each word index with the bits that belong to the extent.
/// </summary>
internal ref struct WordParts
{
    private ulong _page;
    private readonly ulong _end;

    public WordParts(Extent extent)
    {
        _page = extent.Start;
        _end = extent.End;
    }

    /// <summary>The index of the word.</summary>
    public int Word { get; private set; }

    /// <summary>The bits of the word that belong to the extent.</summary>
    public ulong Mask { get; private set; }

    public bool MoveNext()
    {
        if (_page >= _end)
        {
            return false;
        }

        var bit = (int)(_page & 63);
        var bits = (int)Math.Min(64 - (ulong)bit, _end - _page);
        Word = (int)(_page >> 6);
        Mask = (ulong.MaxValue >> (64 - bits)) << bit;
        _page += (ulong)bits;
        return true;
    }
}
