namespace Engine.Storage;

/// <summary>One open of a <see cref="MemoryFile"/>.</summary>
internal sealed class MemoryStorageFile(MemoryFile contents, bool writable) : IStorageFile
{
    private bool _disposed;

    public long Length => Open.Length;

    public FilePresence Presence => FilePresence.Nowhere;

    private MemoryFile Open
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return contents;
        }
    }

    private MemoryFile Writable =>
        writable ? Open : throw new InvalidOperationException("The file was opened for reading only.");

    public void Read(long offset, Span<byte> destination) => Open.Read(offset, destination);

    public void Write(long offset, ReadOnlySpan<byte> source) => Writable.Write(offset, source);

    public void SetLength(long length) => Writable.SetLength(length);

    public MapGeneration Map(long length) => Open.Map(length);

    public void Flush() => ObjectDisposedException.ThrowIf(_disposed, this);

    public void DropCache() => ObjectDisposedException.ThrowIf(_disposed, this);

    public void Dispose() => _disposed = true;
}
