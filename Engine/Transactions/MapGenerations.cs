using Engine.Storage;

namespace Engine.Transactions;

/// <summary>
/// The map generations of an open database: the newest one, and older ones that pinned readers may still look into. A generation goes when no pin is
/// as old as the last state that used it; so beginning to read costs no reference count. Used under the lock of whoever publishes.
/// </summary>
/// <param name="file">The database file.</param>
/// <param name="growth">Knows the file's length in the process that changes it; null where another process does.</param>
internal sealed class MapGenerations(IStorageFile file, FileGrowth? growth)
{
    private readonly List<(MapGeneration Map, ulong LastId)> _retired = [];

    public MapGeneration? Current { get; private set; }

    public bool HasRetired => _retired.Count > 0;

    /// <summary>A map that covers so many bytes: the current one, or a new one of the whole file.</summary>
    /// <param name="bytes">What must be covered.</param>
    /// <param name="lastId">The newest state that may use the current generation.</param>
    public MapGeneration Covering(long bytes, ulong lastId)
    {
        // Whenever the writer has changed the length, also in a transaction that was aborted: a memory storage moves when it grows, and what is
        // written afterwards shows only in newer generations.
        if (Current is null || Current.Length < bytes || (growth is not null && Current.Length != growth.Length))
        {
            var map = file.Map(growth?.Length ?? file.Length);
            if (Current is not null)
            {
                _retired.Add((Current, lastId));
            }

            Current = map;
        }

        return Current;
    }

    /// <summary>Unmaps the generations that only states below <paramref name="oldestPin"/> used.</summary>
    public void ReleaseBelow(ulong oldestPin)
    {
        for (var i = _retired.Count - 1; i >= 0; i--)
        {
            if (_retired[i].LastId < oldestPin)
            {
                _retired[i].Map.Release();
                _retired.RemoveAt(i);
            }
        }
    }

    /// <summary>Unmaps everything; nobody reads any more.</summary>
    public void ReleaseAll()
    {
        ReleaseBelow(ulong.MaxValue);
        Current?.Release();
        Current = null;
    }
}
