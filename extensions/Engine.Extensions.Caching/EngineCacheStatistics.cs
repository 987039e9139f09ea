namespace Engine.Extensions.Caching;

/// <summary>A cache in numbers. Those that count what was done begin with its opening.</summary>
public sealed record EngineCacheStatistics
{
    /// <summary>
    /// Entries that are written, those included that have expired and are not removed yet; without those that wait in
    /// memory.
    /// </summary>
    public required long Entries { get; init; }

    /// <summary>Bytes of their keys and values, and 36 for each, as <see cref="EngineCacheOptions.SizeLimit"/> counts
    /// them.</summary>
    public required long Size { get; init; }

    /// <summary>Bytes of memory that changes take which are not written yet.</summary>
    public required long PendingSize { get; init; }

    /// <summary>Reads that found an entry.</summary>
    public required long Hits { get; init; }

    /// <summary>Reads that found none, or one that has expired.</summary>
    public required long Misses { get; init; }

    /// <summary>Entries that were set.</summary>
    public required long Sets { get; init; }

    /// <summary>Entries that were removed by their keys.</summary>
    public required long Removals { get; init; }

    /// <summary>Renewals of sliding entries that were written; many reads may share one.</summary>
    public required long Renewals { get; init; }

    /// <summary>Entries that were removed because they had expired.</summary>
    public required long Expired { get; init; }

    /// <summary>Entries that were removed because of <see cref="EngineCacheOptions.SizeLimit"/>.</summary>
    public required long Evicted { get; init; }

    /// <summary>Transactions that were committed for all of that.</summary>
    public required long Batches { get; init; }
}
