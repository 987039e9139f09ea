using Engine.Storage;

namespace Engine.Tests.Infrastructure;

/// <summary>The addresses that the maps of a <see cref="CountingStorage"/> take. Thread-safe.</summary>
internal sealed class LivingMaps
{
    private readonly Lock _lock = new();

    /// <summary>How many maps there are.</summary>
    public int Count { get; private set; }

    /// <summary>The sum of their lengths in bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>The largest that the sum has been in relation to the length of the newest map.</summary>
    public double PeakMultiple { get; private set; }

    /// <summary>Counts a map for as long as it lives.</summary>
    public unsafe MapGeneration Watch(MapGeneration map)
    {
        Note(map.Length);
        lock (_lock)
        {
            PeakMultiple = Math.Max(PeakMultiple, (double)Bytes / map.Length);
        }

        // Bounds: the same bytes, for as long as the map beneath lives.
        return new MapGeneration(map.Address, map.Length, new Watched(this, map), map.Loader);
    }

    private void Note(long length)
    {
        lock (_lock)
        {
            Bytes += length;
            Count += Math.Sign(length);
        }
    }

    private sealed class Watched(LivingMaps maps, MapGeneration map) : IDisposable
    {
        public void Dispose()
        {
            maps.Note(-map.Length);
            map.Release();
        }
    }
}
