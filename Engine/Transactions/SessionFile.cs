using Engine.Storage;

namespace Engine.Transactions;

/// <summary>
/// The database's file as a session that may write sees it. Before the first change, whoever makes it (a commit, a
/// transaction that spills, recovery, the cut at the end), the lock file says durably that the file is not closed in
/// order any more. A session that changes nothing costs nothing. One thread at a time changes the file.
/// </summary>
internal sealed class SessionFile(IStorageFile file, Action beforeFirstChange) : IStorageFile
{
    /// <summary>Whether the session has changed anything, or is about to.</summary>
    public bool HasChanges { get; private set; }

    public long Length => file.Length;

    public FilePresence Presence => file.Presence;

    /// <summary>
    /// To be called before something becomes visible that the file does not show yet: an id may have been seen
    /// that no meta names.
    /// </summary>
    /// <exception cref="StorageWriteException">The lock file could not be flushed; nothing may change.</exception>
    public void BeginChanges()
    {
        if (!HasChanges)
        {
            beforeFirstChange();
            HasChanges = true;
        }
    }

    public void Read(long offset, Span<byte> destination) => file.Read(offset, destination);

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        BeginChanges();
        file.Write(offset, source);
    }

    public void Write(ReadOnlySpan<GatheringWrite> writes, ReadOnlySpan<MemoryPiece> pieces)
    {
        BeginChanges();
        file.Write(writes, pieces);
    }

    public void SetLength(long length)
    {
        BeginChanges();
        file.SetLength(length);
    }

    public void Flush() => file.Flush();

    public MapGeneration Map(long length) => file.Map(length);

    public void DropCache() => file.DropCache();

    public void Dispose() => file.Dispose();
}
