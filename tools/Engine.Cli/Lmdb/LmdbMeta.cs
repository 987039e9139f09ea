using static Engine.Cli.Lmdb.LmdbLayout;

namespace Engine.Cli.Lmdb;

/// <summary>
/// One of the two metas. LMDB has no checksums of its own, so all that can be said is whether it looks like one.
/// </summary>
/// <param name="Format">The format of the file.</param>
/// <param name="PageSize">The size of a page.</param>
/// <param name="Main">The unnamed database, which also holds the records of the named ones.</param>
/// <param name="LastPage">The highest page in use.</param>
/// <param name="TransactionId">The transaction that wrote it; the newer one of the two metas counts.</param>
/// <param name="IsEncrypted">Whether the pages are encrypted, by whatever the program has chosen.</param>
internal sealed record LmdbMeta(LmdbFormat Format, int PageSize, LmdbRecord Main, ulong LastPage, ulong TransactionId,
    bool IsEncrypted)
{
    /// <summary>The meta in the first bytes of a page, or null if there is none.</summary>
    public static LmdbMeta? TryRead(ReadOnlySpan<byte> page)
    {
        foreach (LmdbFormat format in LmdbFormat.All)
        {
            if (TryRead(page, format) is { } meta)
                return meta;
        }

        return null;
    }

    private static LmdbMeta? TryRead(ReadOnlySpan<byte> page, LmdbFormat format)
    {
        if (page.Length < format.HeaderLength + MetaLength || (U16(page, format.FlagsOffset) & MetaPage) == 0)
            return null;
        ReadOnlySpan<byte> meta = page[format.HeaderLength..];
        if (U32(meta, 0) != Magic || U32(meta, 4) != format.Version)
            return null;

        // The record of the free list comes first: it has no use here, but for the size of a page and the flags of the
        // environment.
        uint pageSize = U32(meta, 24);
        bool isEncrypted = format == LmdbFormat.Version2 && (U16(meta, 28) & EncryptedFlag) != 0;
        return pageSize is >= SmallestPage and <= LargestPage && uint.IsPow2(pageSize)
            ? new LmdbMeta(format, (int)pageSize, LmdbRecord.Read(meta[72..]), U64(meta, 120), U64(meta, 128),
                isEncrypted)
            : null;
    }
}
