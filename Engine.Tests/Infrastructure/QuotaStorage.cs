using Engine.Storage;

namespace Engine.Tests.Infrastructure;

/// <summary>
/// A storage in memory on a disk with room for so many blocks of 4 KiB, of which the file takes each that was ever
/// written; holes cost nothing, as in a real file system. A write that would need more fails as full, and writes
/// nothing.
/// </summary>
internal sealed class QuotaStorage : IStorage
{
    private const int Block = 4096;

    private readonly MemoryStorage _inner = new();
    private readonly HashSet<long> _blocks = [];

    /// <summary>Blocks that the file may take.</summary>
    public int Quota { get; set; } = int.MaxValue;

    /// <summary>Blocks that it takes.</summary>
    public int Used => _blocks.Count;

    public string Name => _inner.Name;

    public bool Exists(out long length) => _inner.Exists(out length);

    public IStorageFile OpenFile(bool writable) => new File(this, _inner.OpenFile(writable));

    public IStorageFile CreateTemporary() => new File(this, _inner.CreateTemporary());

    public void RenameTemporary() => _inner.RenameTemporary();

    public void DeleteTemporary() => _inner.DeleteTemporary();

    public void FlushDirectory() => _inner.FlushDirectory();

    public LockFile OpenLockFile(bool readOnly) => _inner.OpenLockFile(readOnly);

    public void Dispose()
    {
        // The contents stay, so that the database can be opened again.
    }

    private void Take(long offset, int length)
    {
        var wanted = new List<long>();
        for (var block = offset / Block; block * Block < offset + length; block++)
        {
            if (!_blocks.Contains(block))
            {
                wanted.Add(block);
            }
        }

        if (wanted.Count > 0 && _blocks.Count + wanted.Count > Quota)
        {
            throw new StorageWriteException("simulated: no space left on device", isFull: true);
        }

        _blocks.UnionWith(wanted);
    }

    private void Cut(long length) => _blocks.RemoveWhere(block => block * Block >= length);

    private sealed class File(QuotaStorage owner, IStorageFile inner) : IStorageFile
    {
        public FilePresence Presence => FilePresence.Nowhere;

        public long Length => inner.Length;

        public void Read(long offset, Span<byte> destination) => inner.Read(offset, destination);

        public void Write(long offset, ReadOnlySpan<byte> source)
        {
            owner.Take(offset, source.Length);
            inner.Write(offset, source);
        }

        public void Flush() => inner.Flush();

        public void SetLength(long length)
        {
            owner.Cut(length);
            inner.SetLength(length);
        }

        public MapGeneration Map(long length) => inner.Map(length);

        public void DropCache() => inner.DropCache();

        public void Dispose() => inner.Dispose();
    }
}
