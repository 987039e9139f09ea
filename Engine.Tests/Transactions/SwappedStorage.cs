using Engine.Storage;

namespace Engine.Tests.Transactions;

/// <summary>
/// A database whose file can be exchanged for a copy while it is open, and nothing tells the two apart.
/// </summary>
internal sealed class SwappedStorage : IStorage
{
    private readonly LockMemory _locks = new();
    private readonly List<MemoryFile> _files = [];
    private MemoryFile? _temporary;
    private bool _exists;

    public string Name => "the swapped file";

    /// <summary>From here on, the name leads to a copy.</summary>
    public void Swap()
    {
        var bytes = new byte[_files[^1].Length];
        _files[^1].Read(0, bytes);
        var copy = new MemoryFile(Name);
        copy.Write(0, bytes);
        _files.Add(copy);
    }

    public bool Exists(out long length)
    {
        length = _exists ? _files[^1].Length : 0;
        return _exists;
    }

    public IStorageFile OpenFile(bool writable) => new MemoryStorageFile(_files[^1], writable);

    public IStorageFile CreateTemporary()
    {
        _temporary = new MemoryFile(Name);
        return new MemoryStorageFile(_temporary, writable: true);
    }

    public void RenameTemporary()
    {
        _files.Add(_temporary!);
        _exists = true;
    }

    public void DeleteTemporary() => _temporary?.Dispose();

    public void FlushDirectory()
    {
    }

    public LockFile OpenLockFile(bool readOnly) => LockFile.InMemory(_locks);

    public void Dispose()
    {
        // Each database disposes its storage, and others still use it. The memory goes when nobody refers to it any
        // more.
    }
}
