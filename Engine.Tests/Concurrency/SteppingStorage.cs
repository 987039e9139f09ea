using Engine.Storage;

namespace Engine.Tests.Concurrency;

/// <summary>
/// A database in memory that outlives those who open it, each access to which, header of the lock file included, is a
/// step of its own.
/// </summary>
/// <param name="step">Called before each step.</param>
internal sealed class SteppingStorage(Action step) : IStorage
{
    private readonly MemoryFile _file = new("the file in memory");

    public string Name => "the database in memory";

    /// <summary>Its lock file.</summary>
    public LockMemory Locks { get; } = new();

    /// <summary>Puts an image in place of what is there, with a new lock file. Nobody may have it open.</summary>
    public void Load(ReadOnlySpan<byte> image)
    {
        Locks.Reset();
        _file.SetLength(image.Length);
        _file.Write(0, image);
    }

    public bool Exists(out long length)
    {
        length = _file.Length;
        return true;
    }

    public IStorageFile OpenFile(bool writable) => new SteppingFile(new MemoryStorageFile(_file, writable), step);

    public LockFile OpenLockFile(bool readOnly) => new(
        new SteppingRegion(Locks.Attach(), step, locksAreSteps: false),
        readOnly ? LockFileUse.Reading : LockFileUse.Writing);

    public IStorageFile CreateTemporary() => throw new NotSupportedException("It is there.");

    public void RenameTemporary() => throw new NotSupportedException("It is there.");

    public void DeleteTemporary()
    {
    }

    public void FlushDirectory() => step();

    public void Dispose()
    {
    }

    private sealed class SteppingFile(IStorageFile inner, Action step) : IStorageFile
    {
        public long Length => inner.Length;

        public FilePresence Presence => inner.Presence;

        public void Read(long offset, Span<byte> destination)
        {
            step();
            inner.Read(offset, destination);
        }

        public void Write(long offset, ReadOnlySpan<byte> source)
        {
            step();
            inner.Write(offset, source);
        }

        public void Flush()
        {
            step();
            inner.Flush();
        }

        public void SetLength(long length)
        {
            step();
            inner.SetLength(length);
        }

        public MapGeneration Map(long length) => inner.Map(length);

        public void DropCache() => inner.DropCache();

        public void Dispose() => inner.Dispose();
    }
}
