using Engine.Cli.Reading;
using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Salvage;

/// <summary>
/// Finds the size of a page where nothing says it: a page holds its own number, so its place in the file divided by
/// that is the size, and its checksum says whether that is chance.
/// </summary>
internal static class PageSizeScan
{
    /// <summary>The size in bytes; 0 if no page was found.</summary>
    public static int Find(IPageReader reader, CancellationToken cancellation)
    {
        byte[] page = new byte[MaximumPageSize];
        foreach (FilePiece piece in FilePieces.Read(reader, ReservedLength, reader.Length, cancellation))
        {
            for (int at = 0; piece.IsRead && at + HeaderLength <= piece.Bytes.Length; at += MinimumPageSize)
            {
                long offset = piece.Offset + at;
                int size = SizeBy(offset, piece.Bytes.Span.Slice(at, HeaderLength));
                if (size > 0 && offset + size <= reader.Length && reader.TryRead(offset, page.AsSpan(0, size))
                    && Crc32C.OfPage(page.AsSpan(0, size)) == U32(page, 0))
                {
                    return size;
                }
            }
        }

        return 0;
    }

    /// <summary>The only size with which the page is where its number says; 0 if there is none.</summary>
    private static int SizeBy(long offset, ReadOnlySpan<byte> header)
    {
        ulong number = U64(header, 8);
        if (header[4] is not (LeafKind or BranchKind or LogKind) || number == 0 || (ulong)offset % number != 0)
            return 0;
        ulong size = (ulong)offset / number;
        return size is >= MinimumPageSize and <= MaximumPageSize && ulong.IsPow2(size) ? (int)size : 0;
    }
}
