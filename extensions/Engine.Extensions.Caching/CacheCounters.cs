namespace Engine.Extensions.Caching;

/// <summary>What a cache has done since it was opened.</summary>
internal sealed class CacheCounters
{
    public StripedCounter Hits { get; } = new();

    public StripedCounter Misses { get; } = new();

    public StripedCounter Sets { get; } = new();

    public StripedCounter Removals { get; } = new();

    public StripedCounter Renewals { get; } = new();

    public StripedCounter Expired { get; } = new();

    public StripedCounter Evicted { get; } = new();

    public StripedCounter Batches { get; } = new();
}
