using Engine.Cli.Reading;
using Engine.Integrity;

namespace Engine.Cli.Salvage;

/// <summary>Goes through a file in pieces that are worth a system call.</summary>
internal static class FilePieces
{
    /// <summary>Whole pages, whatever their size.</summary>
    private const int Length = 1024 * 1024;

    /// <summary>The pieces from one offset on and below another, through one buffer.</summary>
    public static IEnumerable<FilePiece> Read(IPageReader reader, long start, long end, CancellationToken cancellation)
    {
        byte[] buffer = new byte[Length];
        for (long offset = start; offset < end; offset += Length)
        {
            cancellation.ThrowIfCancellationRequested();
            Memory<byte> bytes = buffer.AsMemory(0, (int)Math.Min(Length, end - offset));
            yield return new FilePiece(offset, bytes, reader.TryRead(offset, bytes.Span));
        }
    }
}
