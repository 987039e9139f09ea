using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>
/// Whether the pages that a verified meta lists are all there (section 3, "Run list and digest"). After a crash they
/// may well not be, so what is found is no problem in itself.
/// </summary>
internal sealed class RunListVerification(
    IPageReader reader, long fileLength, int pageSize, CancellationToken cancellation)
{
    private readonly RunScanner _scanner = new(reader, pageSize);
    private readonly byte[] _page = new byte[pageSize];

    /// <summary>
    /// Null if all items match and the digest is right. The work is bounded by the length of the file.
    /// </summary>
    public Finding? Verify(MetaSlot meta)
    {
        var list = new RunListReader(reader, fileLength, pageSize, cancellation);
        if (list.Read(meta) is { } unreadable)
            return unreadable;

        var digest = new Xxh64();
        foreach (var (first, pages) in list.Runs)
        {
            var next = first + pages;
            if (next > (ulong)fileLength / (ulong)pageSize)
                return new Finding(
                    IntegrityRules.RunListItem, first, $"{pages} listed pages", $"a file of {fileLength} bytes");
            if (VerifyExtent(meta, first, next, digest) is { } mismatch)
                return mismatch;
        }

        var computed = digest.Finish();
        return computed == meta.Digest
            ? null
            : new Finding(IntegrityRules.RunListDigest, null, $"digest {Words.Hex(computed)}", Words.Hex(meta.Digest));
    }

    private Finding? VerifyExtent(MetaSlot meta, ulong first, ulong end, Xxh64 digest)
    {
        for (var page = first; page < end;)
        {
            cancellation.ThrowIfCancellationRequested();
            reader.Read((long)page * pageSize, _page);
            if (U64(_page, 8) != page)
                return Item($"page number {page}", $"{U64(_page, 8)}");
            if (U64(_page, 16) != meta.Id)
                return Item($"birth {meta.Id}", $"{U64(_page, 16)}");

            ulong pages = 1;
            uint crc;
            if (_page[4] == OverflowKind)
            {
                var valueLength = U32(_page, 24);
                pages = OverflowPages(valueLength, pageSize);
                if (pages > end - page)
                    return Item($"an overflow run of at most {end - page} pages", $"{pages}");
                crc = _scanner.Scan(page, valueLength, cancellation, out _);
            }
            else
            {
                crc = Crc32C.OfPage(_page);
            }

            if (U32(_page, 0) != crc)
                return Item($"CRC {Words.Hex(crc)}", Words.Hex(U32(_page, 0)));
            digest.Append(page);
            digest.Append(crc);
            page += pages;

            Finding Item(string expected, string found) =>
                new(IntegrityRules.RunListItem, page, $"{expected} in a listed page", found);
        }

        return null;
    }
}
