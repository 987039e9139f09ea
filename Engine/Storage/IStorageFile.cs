namespace Engine.Storage;

/// <summary>An open database file. Writing is done by one thread at a time; reading and mapping by any.</summary>
internal interface IStorageFile : IDisposable
{
    /// <summary>The length in bytes.</summary>
    long Length { get; }

    /// <summary>Which file it is, and who else has it open.</summary>
    FilePresence Presence { get; }

    /// <summary>Reads all of <paramref name="destination"/>.</summary>
    /// <exception cref="DatabaseCorruptException">The file ends before.</exception>
    void Read(long offset, Span<byte> destination);

    /// <summary>Writes all of <paramref name="source"/>; past the end it extends the file.</summary>
    /// <exception cref="StorageWriteException">Not everything was written; any part of it may have been.</exception>
    void Write(long offset, ReadOnlySpan<byte> source);

    /// <summary>Does several writes in their order, each of pieces of memory that come one behind the other.</summary>
    /// <param name="writes">The writes.</param>
    /// <param name="pieces">The pieces of all of them.</param>
    /// <exception cref="StorageWriteException">Not everything was written; any part of it may have been.</exception>
    void Write(ReadOnlySpan<GatheringWrite> writes, ReadOnlySpan<MemoryPiece> pieces)
    {
        foreach (var write in writes)
        {
            write.WriteJoined(this, pieces);
        }
    }

    /// <summary>
    /// Makes every write and the length durable. A failure is final: whoever retries is told of a success that is none.
    /// </summary>
    /// <exception cref="StorageWriteException">It is unknown what is durable.</exception>
    void Flush();

    /// <summary>
    /// Has the system begin to store what was written, and does not wait for it: a flush that comes later has less to
    /// do. It promises nothing, and hides no failure from that flush.
    /// </summary>
    void BeginWriteBack()
    {
    }

    /// <summary>Grows (with zeros) or cuts the file.</summary>
    /// <exception cref="StorageWriteException">The length is unchanged.</exception>
    void SetLength(long length);

    /// <summary>
    /// Maps the first <paramref name="length"/> bytes for reading, with a reference count of 1. A generation that was
    /// mapped before a growth need not show what is written after it: map again before publishing what was written.
    /// </summary>
    /// <exception cref="DatabaseCorruptException">The file is shorter than that.</exception>
    MapGeneration Map(long length);

    /// <summary>
    /// Forgets what the system caches of the file, where that is possible. To be called before anything is mapped.
    /// </summary>
    void DropCache();
}
