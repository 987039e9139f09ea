using Engine.Storage;

namespace Engine.Tests.Infrastructure;

/// <summary>A file of a <see cref="CountingStorage"/>.</summary>
internal sealed class CountingFile(CountingStorage storage, IStorageFile inner) : IStorageFile
{
    public long Length => inner.Length;

    public FilePresence Presence => inner.Presence;

    public void Read(long offset, Span<byte> destination)
    {
        storage.Counts.NoteRead(destination.Length);
        inner.Read(offset, destination);
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        storage.BeforeWrite?.Invoke(offset, source.Length);
        storage.Counts.NoteWrite(offset, source.Length);
        inner.Write(offset, source);
    }

    public void Flush()
    {
        storage.BeforeFlush?.Invoke();
        storage.Counts.NoteFlush();
        inner.Flush();
    }

    public void SetLength(long length)
    {
        storage.BeforeSetLength?.Invoke(length);
        inner.SetLength(length);
    }

    public MapGeneration Map(long length)
    {
        storage.BeforeMap?.Invoke(length);
        storage.Counts.NoteMap();
        return storage.Maps.Watch(inner.Map(length));
    }

    public void DropCache() => inner.DropCache();

    public void Dispose() => inner.Dispose();
}
