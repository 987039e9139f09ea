namespace Engine.Storage;

/// <summary>
/// A database in memory: the same code above it, nothing on a disk. It can be opened again, and by several at once,
/// until it is disposed.
/// </summary>
internal sealed class MemoryStorage : IStorage
{
    private readonly LockMemory _locks = new();
    private MemoryFile? _current;
    private MemoryFile? _temporary;

    public string Name => "the database in memory";

    public bool Exists(out long length)
    {
        length = _current?.Length ?? 0;
        return _current is not null;
    }

    public IStorageFile OpenFile(bool writable) =>
        new MemoryStorageFile(
            _current ?? throw new DatabaseNotFoundException($"{Name} was not created yet."), writable);

    public IStorageFile CreateTemporary()
    {
        DeleteTemporary();
        _temporary = new MemoryFile(Name);
        return new MemoryStorageFile(_temporary, writable: true);
    }

    public void RenameTemporary()
    {
        MemoryFile renamed = _temporary ?? throw new InvalidOperationException("There is no temporary file to rename.");
        if (_current is not null)
        {
            throw new DatabaseBusyException($"{Name} was created by somebody else meanwhile. It was not changed.");
        }

        _current = renamed;
        _temporary = null;
    }

    public void DeleteTemporary()
    {
        _temporary?.Dispose();
        _temporary = null;
    }

    public void FlushDirectory()
    {
        // Names in memory are as durable as the memory.
    }

    public LockFile OpenLockFile(bool readOnly) =>
        LockFile.InMemory(_locks, readOnly ? LockFileUse.Reading : LockFileUse.Writing);

    public void Dispose()
    {
        DeleteTemporary();
        _current?.Dispose();
        _current = null;
    }
}
