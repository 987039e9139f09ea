using Engine.Storage;

namespace Engine.Bench.Costs;

/// <summary>
/// Counts writes, and counts flushes instead of doing them: how much is written does not depend on when it reaches the
/// disk, and thousands of durable commits would take minutes for nothing.
/// </summary>
internal sealed class CountedStorage(IStorage inner, WriteCounts counts) : IStorage
{
    public string Name => inner.Name;

    public bool WouldMakeLockFile => inner.WouldMakeLockFile;

    public bool Exists(out long length) => inner.Exists(out length);

    public IStorageFile OpenFile(bool writable) => new CountedFile(inner.OpenFile(writable), counts);

    public IStorageFile CreateTemporary() => new CountedFile(inner.CreateTemporary(), counts);

    public void RenameTemporary() => inner.RenameTemporary();

    public void DeleteTemporary() => inner.DeleteTemporary();

    public void FlushDirectory() => inner.FlushDirectory();

    public LockFile OpenLockFile(bool readOnly) => inner.OpenLockFile(readOnly);

    public void Dispose() => inner.Dispose();

    private sealed class CountedFile(IStorageFile inner, WriteCounts counts) : IStorageFile
    {
        public long Length => inner.Length;

        public FilePresence Presence => inner.Presence;

        public void Read(long offset, Span<byte> destination) => inner.Read(offset, destination);

        public void Write(long offset, ReadOnlySpan<byte> source)
        {
            counts.NoteWrite(offset, source.Length);
            inner.Write(offset, source);
        }

        public void Flush() => counts.NoteFlush();

        public void SetLength(long length) => inner.SetLength(length);

        public MapGeneration Map(long length) => inner.Map(length);

        public void DropCache() => inner.DropCache();

        public void Dispose() => inner.Dispose();
    }
}
