using Engine.Storage;

namespace Engine.PropertyTests.Malformed;

/// <summary>
/// A database in memory that survives being closed, so that a hundred thousand images can be opened without allocating
/// a file and a lock file for each.
/// </summary>
internal sealed class ReusedStorage : IStorage
{
    private readonly LockMemory _locks = new();
    private readonly MemoryFile _file = new("the image");

    public string Name => "the image";

    /// <summary>Puts an image in place of what is there.</summary>
    public void Load(ReadOnlySpan<byte> image)
    {
        // What the lock file knows is about the image before, whose file id may be the same.
        _locks.Reset();
        _file.Write(0, image);
        _file.SetLength(image.Length);
    }

    public bool Exists(out long length)
    {
        length = _file.Length;
        return true;
    }

    public IStorageFile OpenFile(bool writable) => new MemoryStorageFile(_file, writable);

    public LockFile OpenLockFile(bool readOnly) =>
        LockFile.InMemory(_locks, readOnly ? LockFileUse.Reading : LockFileUse.Writing);

    public IStorageFile CreateTemporary() => throw new NotSupportedException("The image is there.");

    public void RenameTemporary() => throw new NotSupportedException("The image is there.");

    public void DeleteTemporary()
    {
        // There is none.
    }

    public void FlushDirectory()
    {
        // There is none.
    }

    /// <summary>What every database that was opened over it does; it is opened again.</summary>
    public void Dispose()
    {
    }

    /// <summary>Frees the memory.</summary>
    public void Release() => _file.Dispose();
}
