using Engine.Integrity;

namespace Engine.Tests.Infrastructure;

/// <summary>Lets the integrity check read an image in memory, and counts what it reads.</summary>
internal sealed class MemoryPageReader(byte[] bytes) : IPageReader
{
    private long _bytesRead;

    public long Length => bytes.Length;

    public long BytesRead => Interlocked.Read(ref _bytesRead);

    public void Read(long offset, Span<byte> destination)
    {
        Interlocked.Add(ref _bytesRead, destination.Length);
        bytes.AsSpan(checked((int)offset), destination.Length).CopyTo(destination);
    }
}
