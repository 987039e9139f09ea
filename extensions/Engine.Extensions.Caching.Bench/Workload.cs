using System.Buffers.Binary;
using Microsoft.Extensions.Caching.Hybrid;

namespace Engine.Extensions.Caching.Bench;

/// <summary>What clients do with a <see cref="HybridCache"/> whose first level is switched off.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sets">How many of a hundred operations set an entry; the others get one that is there.</param>
internal sealed record Workload(string Name, int Sets)
{
    public static readonly Workload[] All =
        [new("get", 0), new("get 90, set 10", 10), new("get 50, set 50", 50), new("set", 100)];

    private static readonly HybridCacheEntryOptions Options = new()
    {
        Expiration = TimeSpan.FromHours(1),
        Flags = HybridCacheEntryFlags.DisableLocalCache,
    };

    /// <summary>A closed loop, until the time is over.</summary>
    /// <returns>How many operations it has made.</returns>
    public async Task<long> RunAsync(HybridCache cache, int seed, int entries, int size, Func<bool> isOver)
    {
        var random = new Random(seed);
        long operations = 0;
        for (; !isOver(); operations++)
        {
            var entry = random.Next(entries);
            if (random.Next(100) < Sets)
            {
                await SetAsync(cache, entry, size);
                continue;
            }

            var value = await cache.GetOrCreateAsync(
                Key(entry),
                static _ => throw new InvalidOperationException("An entry is missing: nothing has ended yet."),
                (Func<CancellationToken, ValueTask<byte[]>> factory, CancellationToken token) => factory(token),
                Options);
            if (value.Length != size || BinaryPrimitives.ReadInt32LittleEndian(value) != entry)
            {
                throw new InvalidOperationException($"Entry {entry} has the value of another one.");
            }
        }

        return operations;
    }

    public static ValueTask SetAsync(HybridCache cache, int entry, int size)
    {
        var value = new byte[size];
        new Random(entry).NextBytes(value);
        BinaryPrimitives.WriteInt32LittleEndian(value, entry);
        return cache.SetAsync(Key(entry), value, Options);
    }

    private static string Key(int entry) => $"product:{entry:d8}";
}
