using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Engine.Extensions.Caching;

/// <summary>
/// The changes that are not written yet, by their keys: everybody looks here before the database. Looking takes no
/// lock.
/// </summary>
internal sealed class PendingEntries
{
    private readonly ConcurrentDictionary<string, PendingEntry> _entries = new(StringComparer.Ordinal);
    private long _size;

    /// <summary>Bytes of memory, about.</summary>
    public long Size => Volatile.Read(ref _size);

    public bool IsEmpty => Size == 0;

    public bool TryGet(string key, [NotNullWhen(true)] out PendingEntry? entry) =>
        _entries.TryGetValue(key, out entry);

    /// <summary>Takes the place of whatever waits under the key.</summary>
    public void Put(PendingEntry entry)
    {
        // Counted first: what is seen is counted.
        Interlocked.Add(ref _size, entry.Size);
        while (true)
        {
            if (_entries.TryGetValue(entry.Key, out var older))
            {
                if (_entries.TryUpdate(entry.Key, entry, older))
                {
                    Interlocked.Add(ref _size, -older.Size);
                    return;
                }
            }
            else if (_entries.TryAdd(entry.Key, entry))
            {
                return;
            }
        }
    }

    /// <summary>Removes an entry that is written, unless a newer one has taken its place.</summary>
    public void Remove(PendingEntry entry)
    {
        if (_entries.TryRemove(KeyValuePair.Create(entry.Key, entry)))
        {
            Interlocked.Add(ref _size, -entry.Size);
        }
    }

    /// <summary>All that is there at this moment.</summary>
    public PendingEntry[] ToArray() => [.. _entries.Values];
}
