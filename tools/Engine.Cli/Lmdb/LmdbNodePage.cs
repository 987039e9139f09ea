using static Engine.Cli.Lmdb.LmdbLayout;

namespace Engine.Cli.Lmdb;

/// <summary>A page of a tree, or a page within a node, whose header and offsets were checked.</summary>
internal readonly ref struct LmdbNodePage
{
    private readonly ReadOnlySpan<byte> _page;
    private readonly int _itemSize;

    private LmdbNodePage(ReadOnlySpan<byte> page, int kind, int count, int itemSize)
    {
        _page = page;
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
    /// <param name="result">The page to read.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? TryRead(ReadOnlySpan<byte> page, out LmdbNodePage result)
    {
        result = default;
        if (page.Length < HeaderLength)
            return "no room for its header";
        int kind = U16(page, 10) & KindMask & ~SubPage;
        if (kind is not (BranchPage or LeafPage or (LeafPage | FixedLeafPage)))
            return $"flags 0x{U16(page, 10):x4}, which are those of neither a branch nor a leaf";
        int lower = U16(page, 12);
        if (lower < HeaderLength || lower > page.Length || lower % 2 != 0)
            return $"{lower} as the end of its offsets";
        int count = (lower - HeaderLength) / 2;
        int itemSize = 0;
        if ((kind & FixedLeafPage) != 0)
        {
            itemSize = U16(page, 8);
            if (itemSize == 0 || (long)itemSize * count > page.Length - HeaderLength)
                return $"{count} items of {itemSize} bytes, which do not fit";
        }

        result = new LmdbNodePage(page, kind, count, itemSize);
        return null;
    }

    public ReadOnlySpan<byte> Item(int index) => _page.Slice(HeaderLength + index * _itemSize, _itemSize);

    /// <summary>Finds a node, and checks that it lies within the page.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? TryNode(int index, out LmdbNode node)
    {
        node = default;
        int offset = U16(_page, HeaderLength + 2 * index);
        if (offset < HeaderLength + 2 * Count || offset > _page.Length - NodeHeaderLength)
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
            long inPage = (flags & BigData) != 0 ? sizeof(ulong) : size;
            if (inPage > data.Length)
                return $"{inPage} bytes of data in node {index} at byte {offset}";
            data = data[..(int)inPage];
        }

        node = new LmdbNode(key, data, flags, size, IsBranch ? size | (ulong)U16(rest, 4) << 32 : 0);
        return null;
    }
}
