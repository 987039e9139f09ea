using System.Diagnostics.Metrics;

namespace Engine.Extensions.Caching;

/// <summary>The instruments of a cache. They are read when somebody listens, and cost nothing otherwise.</summary>
internal sealed class CacheMeter : IDisposable
{
    public const string Name = "Engine.Extensions.Caching";

    private readonly Meter _meter;
    private readonly KeyValuePair<string, object?> _cache;

    /// <param name="factory">Makes the meter; null: it is one of the cache's own.</param>
    /// <param name="cacheName">The cache's name, which each measurement has.</param>
    /// <param name="counters">What the cache counts.</param>
    /// <param name="read">Its numbers; null if it was disposed.</param>
    public CacheMeter(
        IMeterFactory? factory, string cacheName, CacheCounters counters, Func<EngineCacheStatistics?> read)
    {
        // A factory gives the same meter to all who ask by this name: then the tag tells caches apart.
        _meter = factory?.Create(new MeterOptions(Name)) ?? new Meter(Name);
        IsOwn = factory is null;
        _cache = new("engine.cache.name", cacheName);
        _meter.CreateObservableCounter(
            "engine.cache.requests",
            () => new[] { With(counters.Hits.Value, "hit"), With(counters.Misses.Value, "miss") },
            "{request}",
            "Reads, by whether they found an entry.");
        Count("engine.cache.sets", counters.Sets, "{entry}", "Entries that were set.");
        Count("engine.cache.removals", counters.Removals, "{entry}", "Entries that were removed by their keys.");
        Count("engine.cache.renewals", counters.Renewals, "{entry}", "Renewals of sliding entries that were written.");
        Count("engine.cache.expirations", counters.Expired, "{entry}", "Entries that were removed after they expired.");
        Count("engine.cache.evictions", counters.Evicted, "{entry}", "Entries that were removed for the size limit.");
        Count("engine.cache.batches", counters.Batches, "{transaction}", "Transactions that were committed.");
        Observe(
            "engine.cache.entries", read, static numbers => numbers.Entries, "{entry}", "Entries that are written.");
        Observe("engine.cache.size", read, static numbers => numbers.Size, "By", "Bytes of keys and values.");
        Observe(
            "engine.cache.pending.size",
            read,
            static numbers => numbers.PendingSize,
            "By",
            "Memory that changes take which are not written yet.");
    }

    private bool IsOwn { get; }

    public void Dispose()
    {
        if (IsOwn)
        {
            _meter.Dispose();
        }
    }

    private Measurement<long> With(long value, string result) => new(value, _cache, new("engine.cache.result", result));

    private void Count(string name, StripedCounter counter, string unit, string description) =>
        _meter.CreateObservableCounter(
            name, () => new Measurement<long>(counter.Value, _cache), unit, description);

    private void Observe(
        string name,
        Func<EngineCacheStatistics?> read,
        Func<EngineCacheStatistics, long> select,
        string unit,
        string description) =>
        _meter.CreateObservableUpDownCounter(
            name,
            () => read() is { } numbers ? [new Measurement<long>(select(numbers), _cache)] : (Measurement<long>[])[],
            unit,
            description);
}
