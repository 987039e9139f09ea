using Engine.Storage;

namespace Engine.Transactions;

/// <summary>
/// The map generations of an open database: the newest one, and older ones that somebody may still look into. A
/// generation serves the states between the oldest one that is read through it (<see cref="MapGeneration.Serve"/>) and
/// the last one that was published with it, and goes when no pin lies between them; so beginning to read costs no
/// reference count. One that no state was published with serves the
/// transaction that made the file grow, and goes when that ends. Used under the lock of whoever publishes.
/// </summary>
/// <remarks>
/// Two invariants keep every way out of an error open. The map of the published state stays as long as that is the
/// published one, so flushing and closing need no new map. And whatever only a transaction used goes when it ends,
/// however it ends, so what made a map fail does not outlive the failure.
/// </remarks>
/// <param name="file">The database file.</param>
/// <param name="growth">
/// Knows the file's length in the process that changes it; null where another process does.
/// </param>
/// <param name="releaseUnpinned">
/// Looks for pins and calls <see cref="ReleaseUnpinned"/>: before a map is made, because readers may have ended since
/// the last publication, and it may be theirs that leave no addresses.
/// </param>
internal sealed class MapGenerations(IStorageFile file, FileGrowth? growth, Action releaseUnpinned)
{
    /// <summary>
    /// If the whole file cannot be mapped, half as much ahead of what is needed is tried, and so on down to this.
    /// </summary>
    private const long MinAhead = 1024 * 1024;

    private readonly List<Generation> _older = [];
    private Generation? _current;

    // The file's length when the current generation was made.
    private long _seenLength;

    /// <summary>Whether there are generations that <see cref="ReleaseUnpinned"/> might unmap.</summary>
    public bool HasOlder => _older.Count > 0;

    /// <summary>
    /// A map that covers so many bytes: the current one, or a new one, of the whole file if the system has addresses
    /// for it. A file that another process cut is covered as far as it goes.
    /// </summary>
    /// <param name="bytes">What must be covered.</param>
    /// <param name="isLookedInto">
    /// Whether somebody outside may still look into a current generation that no state was published with: then it
    /// stays until the transaction ends.
    /// </param>
    public MapGeneration Covering(long bytes, bool isLookedInto = false)
    {
        // Also whenever the writer has changed the length, even in a transaction that was aborted: a memory storage
        // moves when it grows, and what is written afterwards shows only in newer generations.
        if (_current is null || _current.Map.Length < bytes || (growth is not null && growth.Length != _seenLength))
        {
            releaseUnpinned();
            var length = growth?.Length ?? file.Length;
            var map = MapAhead(Math.Min(bytes, length), length);
            if (_current is { } former)
            {
                if (former.LastId != 0 || isLookedInto)
                {
                    _older.Add(former);
                }
                else
                {
                    former.Map.Release();
                }
            }

            _current = new Generation(map);
            _seenLength = length;
        }

        return _current.Map;
    }

    /// <summary>A state is published with a map, which is the current one or that of the state before.</summary>
    public void Use(MapGeneration map, ulong id)
    {
        var generation = _current!;
        if (!ReferenceEquals(generation.Map, map))
        {
            generation = _older.Find(older => ReferenceEquals(older.Map, map))!;
        }

        map.Serve(id);
        generation.LastId = Math.Max(generation.LastId, id);
    }

    /// <summary>Unmaps the older generations whose states nobody has pinned.</summary>
    /// <param name="pins">All that is pinned, the published state included, in any order.</param>
    public void ReleaseUnpinned(ReadOnlySpan<ulong> pins)
    {
        for (var i = _older.Count - 1; i >= 0; i--)
        {
            if (_older[i].LastId != 0 && !_older[i].IsPinned(pins))
            {
                Release(i);
            }
        }
    }

    /// <summary>A transaction has ended: unmaps the older generations that were only its own.</summary>
    public void ReleaseUnpublished()
    {
        for (var i = _older.Count - 1; i >= 0; i--)
        {
            if (_older[i].LastId == 0)
            {
                Release(i);
            }
        }
    }

    /// <summary>Unmaps everything; nobody reads any more.</summary>
    public void ReleaseAll()
    {
        for (var i = _older.Count - 1; i >= 0; i--)
        {
            Release(i);
        }

        _current?.Map.Release();
        _current = null;
    }

    /// <summary>Maps what is needed, and as much behind it as there is of the file and of addresses.</summary>
    private MapGeneration MapAhead(long needed, long length)
    {
        while (true)
        {
            try
            {
                return file.Map(length);
            }
            catch (Exception e) when (length > needed && IsRefusal(e))
            {
                // No addresses, most likely; what fails for another reason fails again for what is needed.
                var ahead = (length - needed) / 2;
                length = needed + (ahead < MinAhead ? 0 : ahead);
            }
        }
    }

    private static bool IsRefusal(Exception e) =>
        e is IOException or DatabaseException and not DatabaseCorruptException;

    private void Release(int index)
    {
        _older[index].Map.Release();
        _older.RemoveAt(index);
    }

    private sealed class Generation(MapGeneration map)
    {
        public MapGeneration Map => map;

        /// <summary>The last state that was published with it; zero if none was.</summary>
        public ulong LastId { get; set; }

        public bool IsPinned(ReadOnlySpan<ulong> pins)
        {
            foreach (var pin in pins)
            {
                if (pin >= map.OldestId && pin <= LastId)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
