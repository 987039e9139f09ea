using static Engine.Cli.Lmdb.LmdbLayout;

namespace Engine.Cli.Lmdb;

/// <summary>A page of a tree, or a page within a node, whose header and offsets were checked.</summary>
internal readonly ref struct LmdbNodePage
{
    private readonly ReadOnlySpan<byte> _page;
    private readonly LmdbFormat _format;
    private readonly int _itemSize;

    private LmdbNodePage(ReadOnlySpan<byte> page, LmdbFormat format, int kind, int count, int itemSize)
    {
        _page = page;
        _format = format;
        _itemSize = itemSize;
        IsBranch = (kind & BranchPage) != 0;
        Count = count;
    }

    public bool IsBranch { get; }

    /// <summary>Whether the items have one size and nothing but themselves.</summary>
    public bool IsFixed => _itemSize > 0;

    public int Count { get; }

    /// <summary>Checks the header.</summary>
    /// <param name="page">The page.</param>
    /// <param name="format">The format of the file.</param>
    /// <param name="result">The page to read.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? TryRead(ReadOnlySpan<byte> page, LmdbFormat format, out LmdbNodePage result)
    {
        result = default;
        int header = format.HeaderLength;
        if (page.Length < header)
            return "no room for its header";
        int flags = U16(page, format.FlagsOffset);
        int kind = flags & KindMask & ~SubPage;
        if (kind is not (BranchPage or LeafPage or (LeafPage | FixedLeafPage)))
            return $"flags 0x{flags:x4}, which are those of neither a branch nor a leaf";
        int lower = U16(page, format.LowerOffset) + format.OffsetBase;
        if (lower < header || lower > page.Length || lower % 2 != 0)
            return $"{lower} as the end of its offsets";
        int count = (lower - header) / 2;
        int itemSize = 0;
        if ((kind & FixedLeafPage) != 0)
        {
            itemSize = U16(page, format.PadOffset);
            if (itemSize == 0 || (long)itemSize * count > page.Length - header)
                return $"{count} items of {itemSize} bytes, which do not fit";
        }

        result = new LmdbNodePage(page, format, kind, count, itemSize);
        return null;
    }

    public ReadOnlySpan<byte> Item(int index) => _page.Slice(_format.HeaderLength + index * _itemSize, _itemSize);

    /// <summary>Finds a node, and checks that it lies within the page.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? TryNode(int index, out LmdbNode node)
    {
        node = default;
        int header = _format.HeaderLength;
        int offset = U16(_page, header + 2 * index) + _format.OffsetBase;
        if (offset < header + 2 * Count || offset > _page.Length - NodeHeaderLength)
            return $"node {index} at byte {offset}";
        ReadOnlySpan<byte> rest = _page[offset..];
        int keyLength = U16(rest, 6);
        if (keyLength > rest.Length - NodeHeaderLength)
            return $"a key of {keyLength} bytes in node {index} at byte {offset}";
        ReadOnlySpan<byte> key = rest.Slice(NodeHeaderLength, keyLength);
        int flags = IsBranch ? 0 : U16(rest, 4);
        uint size = U32(rest, 0);
        ReadOnlySpan<byte> data = rest[(NodeHeaderLength + keyLength)..];
        if (!IsBranch)
        {
            long inPage = (flags & BigData) != 0 ? _format.OverflowReferenceLength : size;
            if (inPage > data.Length)
                return $"{inPage} bytes of data in node {index} at byte {offset}";
            data = data[..(int)inPage];
        }

        node = new LmdbNode(key, data, flags, size, IsBranch ? size | (ulong)U16(rest, 4) << 32 : 0);
        return null;
    }
}
