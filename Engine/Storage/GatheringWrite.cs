using System.Buffers;

namespace Engine.Storage;

/// <summary>A write of pieces of memory that lie here and there, and come one behind the other in the file.</summary>
/// <param name="Offset">Where in the file, in bytes.</param>
/// <param name="Length">How many bytes.</param>
/// <param name="First">The first of its pieces, among those of several writes.</param>
/// <param name="Count">How many pieces.</param>
internal readonly record struct GatheringWrite(long Offset, int Length, int First, int Count)
{
    /// <summary>Writes the pieces as one, from a copy if there are several.</summary>
    /// <param name="file">The file.</param>
    /// <param name="all">The pieces of all writes.</param>
    public void WriteJoined(IStorageFile file, ReadOnlySpan<MemoryPiece> all)
    {
        var pieces = all.Slice(First, Count);
        if (pieces.Length == 1)
        {
            file.Write(Offset, pieces[0].Bytes);
            return;
        }

        var joined = ArrayPool<byte>.Shared.Rent(Length);
        var filled = 0;
        foreach (var piece in pieces)
        {
            piece.Bytes.CopyTo(joined.AsSpan(filled));
            filled += piece.Length;
        }

        file.Write(Offset, joined.AsSpan(0, filled));
        ArrayPool<byte>.Shared.Return(joined);
    }
}
