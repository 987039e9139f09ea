using Engine.Storage;

namespace Engine.Tests.Transactions;

/// <summary>A database in memory that survives being closed, whose operations can be made to fail or to wait.</summary>
internal sealed class FaultStorage : IStorage
{
    private readonly MemoryStorage _inner = new();

    public Action<long>? BeforeWrite { get; set; }

    public Action? BeforeFlush { get; set; }

    public Action? BeforeMap { get; set; }

    public string Name => _inner.Name;

    public static StorageWriteException Full => new("simulated: no space left on device", isFull: true);

    public bool Exists(out long length) => _inner.Exists(out length);

    public IStorageFile OpenFile(bool writable) => new File(this, _inner.OpenFile(writable));

    public IStorageFile CreateTemporary() => _inner.CreateTemporary();

    public void RenameTemporary() => _inner.RenameTemporary();

    public void DeleteTemporary() => _inner.DeleteTemporary();

    public void FlushDirectory() => _inner.FlushDirectory();

    public LockFile OpenLockFile(bool readOnly) => _inner.OpenLockFile(readOnly);

    public void Dispose()
    {
        // The contents stay, so that the database can be opened again.
    }

    private sealed class File(FaultStorage owner, IStorageFile inner) : IStorageFile
    {
        public long Length => inner.Length;

        public FilePresence Presence => inner.Presence;

        public void Read(long offset, Span<byte> destination) => inner.Read(offset, destination);

        public void Write(long offset, ReadOnlySpan<byte> source)
        {
            owner.BeforeWrite?.Invoke(offset);
            inner.Write(offset, source);
        }

        public void Flush()
        {
            owner.BeforeFlush?.Invoke();
            inner.Flush();
        }

        public void SetLength(long length) => inner.SetLength(length);

        public MapGeneration Map(long length)
        {
            owner.BeforeMap?.Invoke();
            return inner.Map(length);
        }

        public void DropCache() => inner.DropCache();

        public void Dispose() => inner.Dispose();
    }
}
