namespace Engine.Storage;

/// <summary>A write of pieces of memory that lie here and there, and come one behind the other in the file.</summary>
/// <param name="Offset">Where in the file, in bytes.</param>
/// <param name="Length">How many bytes.</param>
/// <param name="First">The first of its pieces, among those of several writes.</param>
/// <param name="Count">How many pieces.</param>
internal readonly record struct GatheringWrite(long Offset, int Length, int First, int Count)
{
    public ReadOnlySpan<MemoryPiece> Of(ReadOnlySpan<MemoryPiece> pieces) => pieces.Slice(First, Count);
}
