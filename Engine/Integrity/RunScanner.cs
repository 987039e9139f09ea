using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>Reads overflow runs in large pieces through one buffer, whatever their length.</summary>
internal sealed class RunScanner(IPageReader reader, int pageSize)
{
    /// <summary>Several of the largest pages, and enough for a read to be worth its system call.</summary>
    private const int BufferLength = 256 * 1024;

    private byte[]? _buffer;

    /// <summary>
    /// Computes the run CRC of the pages that a value of this length takes. <paramref name="tail"/> is the offset, from
    /// the start of the run, of the first byte behind the value that is not zero, or -1.
    /// </summary>
    public uint Scan(ulong firstPage, uint valueLength, CancellationToken cancellation, out long tail)
    {
        _buffer ??= new byte[BufferLength];
        tail = -1;
        var used = HeaderLength + (long)valueLength;
        var length = (long)OverflowPages(valueLength, pageSize) * pageSize;
        var start = (long)firstPage * pageSize;
        var crc = Crc32C.Initial;
        for (long done = 0; done < length;)
        {
            cancellation.ThrowIfCancellationRequested();
            var piece = _buffer.AsSpan(0, (int)Math.Min(BufferLength, length - done));
            reader.Read(start + done, piece);
            crc = Crc32C.AppendPage(crc, piece, hasHeader: done == 0);
            var beyond = (int)Math.Clamp(used - done, 0, piece.Length);
            if (tail < 0 && FirstNonZero(piece[beyond..]) is var at and >= 0)
                tail = done + beyond + at;
            done += piece.Length;
        }

        return ~crc;
    }
}
