using Engine.Integrity;

namespace Engine.Tests.Infrastructure;

/// <summary>Lets the integrity check read an image in memory, and counts what it reads.</summary>
internal sealed class MemoryPageReader(byte[] bytes) : IPageReader
{
    public long Length => bytes.Length;

    public long BytesRead { get; private set; }

    public void Read(long offset, Span<byte> destination)
    {
        BytesRead += destination.Length;
        bytes.AsSpan(checked((int)offset), destination.Length).CopyTo(destination);
    }
}
