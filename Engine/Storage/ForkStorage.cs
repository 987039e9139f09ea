namespace Engine.Storage;

/// <summary>A fork: a file that is there from the start, and that nobody else can open.</summary>
/// <param name="name">What messages call it.</param>
/// <param name="file">The file, which the storage disposes.</param>
internal sealed class ForkStorage(string name, ForkFile file) : IStorage
{
    private readonly LockMemory _locks = new();

    public string Name => name;

    public long BorrowedBytes => file.BorrowedBytes;

    public bool Exists(out long length)
    {
        length = file.Length;
        return true;
    }

    public IStorageFile OpenFile(bool writable) => file;

    public IStorageFile CreateTemporary() => throw new InvalidOperationException($"'{name}' exists.");

    public void RenameTemporary() => throw new InvalidOperationException($"'{name}' exists.");

    public void DeleteTemporary()
    {
        // There is none.
    }

    public void FlushDirectory()
    {
        // It has no name that could be lost.
    }

    public LockFile OpenLockFile(bool readOnly) =>
        LockFile.InMemory(_locks, readOnly ? LockFileUse.Reading : LockFileUse.Writing);

    public void Dispose() => file.Dispose();
}
