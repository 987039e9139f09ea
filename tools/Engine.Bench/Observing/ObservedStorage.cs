using Engine.Storage;

namespace Engine.Bench.Observing;

/// <summary>
/// Tells somebody of writes, and of flushes instead of doing them: what is written does not depend on when it reaches
/// the disk, and thousands of durable commits would take minutes for nothing.
/// </summary>
internal sealed class ObservedStorage(IStorage inner, IStorageObserver observer) : IStorage
{
    public string Name => inner.Name;

    public bool WouldMakeLockFile => inner.WouldMakeLockFile;

    public bool Exists(out long length) => inner.Exists(out length);

    public IStorageFile OpenFile(bool writable) => new ObservedFile(inner.OpenFile(writable), observer);

    public IStorageFile CreateTemporary() => new ObservedFile(inner.CreateTemporary(), observer);

    public void RenameTemporary() => inner.RenameTemporary();

    public void DeleteTemporary() => inner.DeleteTemporary();

    public void FlushDirectory() => inner.FlushDirectory();

    public LockFile OpenLockFile(bool readOnly) => inner.OpenLockFile(readOnly);

    public void Dispose() => inner.Dispose();

    private sealed class ObservedFile(IStorageFile inner, IStorageObserver observer) : IStorageFile
    {
        public long Length => inner.Length;

        public FilePresence Presence => inner.Presence;

        public void Read(long offset, Span<byte> destination) => inner.Read(offset, destination);

        public void Write(long offset, ReadOnlySpan<byte> source)
        {
            observer.NoteWrite(offset, source.Length);
            inner.Write(offset, source);
        }

        public void Write(ReadOnlySpan<GatheringWrite> writes, ReadOnlySpan<MemoryPiece> pieces)
        {
            foreach (GatheringWrite write in writes)
            {
                observer.NoteWrite(write.Offset, write.Length);
            }

            inner.Write(writes, pieces);
        }

        public void Flush() => observer.NoteFlush();

        public void SetLength(long length)
        {
            observer.NoteLength(length);
            inner.SetLength(length);
        }

        public MapGeneration Map(long length) => inner.Map(length);

        public void DropCache() => inner.DropCache();

        public void Dispose() => inner.Dispose();
    }
}
