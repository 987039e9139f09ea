using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Salvage;

/// <summary>
/// Finds the size of a page where nothing says it: a page holds its own number, so its place in the file divided by
/// that is the size, and its checksum says whether that is chance.
/// </summary>
internal static class PageSizeScan
{
    private const int PieceLength = 1024 * 1024;

    /// <summary>The size in bytes; 0 if no page was found.</summary>
    public static int Find(IPageReader reader, CancellationToken cancellation)
    {
        byte[] piece = new byte[PieceLength];
        byte[] page = new byte[MaximumPageSize];
        for (long start = ReservedLength; start < reader.Length; start += PieceLength)
        {
            cancellation.ThrowIfCancellationRequested();
            int length = (int)Math.Min(PieceLength, reader.Length - start);
            if (!TryRead(reader, start, piece.AsSpan(0, length)))
                continue;
            for (int at = 0; at + HeaderLength <= length; at += MinimumPageSize)
            {
                int size = SizeBy(start + at, piece.AsSpan(at, HeaderLength));
                if (size > 0 && start + at + size <= reader.Length && TryRead(reader, start + at, page.AsSpan(0, size))
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

    private static bool TryRead(IPageReader reader, long offset, Span<byte> destination)
    {
        try
        {
            reader.Read(offset, destination);
            return true;
        }
        catch (Exception exception) when (exception is DatabaseException or IOException)
        {
            return false;
        }
    }
}
