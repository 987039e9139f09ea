using static Engine.Cli.Lmdb.LmdbLayout;

namespace Engine.Cli.Lmdb;

/// <summary>One of the two metas. LMDB 0.9 has no checksums, so all that can be said is whether it looks like one.</summary>
/// <param name="PageSize">The size of a page.</param>
/// <param name="Main">The unnamed database, which also holds the records of the named ones.</param>
/// <param name="LastPage">The highest page in use.</param>
/// <param name="TransactionId">The transaction that wrote it; the newer one of the two metas counts.</param>
internal sealed record LmdbMeta(int PageSize, LmdbRecord Main, ulong LastPage, ulong TransactionId)
{
    /// <summary>The meta in the first bytes of a page, or null if there is none.</summary>
    public static LmdbMeta? TryRead(ReadOnlySpan<byte> page)
    {
        if (page.Length < MetaLength || (U16(page, 10) & MetaPage) == 0)
            return null;
        ReadOnlySpan<byte> meta = page[HeaderLength..];
        if (U32(meta, 0) != Magic || U32(meta, 4) != DataVersion)
            return null;
        uint pageSize = U32(meta, 24);
        return pageSize is >= SmallestPage and <= LargestPage && uint.IsPow2(pageSize)
            ? new LmdbMeta((int)pageSize, LmdbRecord.Read(meta[72..]), U64(meta, 120), U64(meta, 128))
            : null;
    }
}
