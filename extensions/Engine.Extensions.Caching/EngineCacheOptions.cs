using System.Text;

namespace Engine.Extensions.Caching;

/// <summary>
/// Where an <see cref="EngineCache"/> keeps its entries, and how much of them. Either <see cref="Path"/> or
/// <see cref="Database"/> must be set; everything else has a default that is right for most services.
/// </summary>
public sealed class EngineCacheOptions
{
    /// <summary>
    /// The database file of the cache's own: it is created if there is none, and closed with the cache. Its directory
    /// must exist. One process at a time can have it open.
    /// </summary>
    public string? Path { get; set; }

    /// <summary>
    /// A database that is open for writing, in whose trees the cache keeps its entries beside others. It stays the
    /// caller's: whoever opened it closes it, after the cache was disposed.
    /// </summary>
    public Database? Database { get; set; }

    /// <summary>How the file at <see cref="Path"/> is opened. Null: the defaults. Not beside <see cref="Database"/>.
    /// </summary>
    public DatabaseOptions? DatabaseOptions { get; set; }

    /// <summary>
    /// Name of the tree with the entries; trees named after it (<c>name:expiry</c> and others) are the cache's, too. By
    /// different names several caches share a database. Up to 64 bytes in UTF-8. Default: "cache".
    /// </summary>
    public string Name { get; set; } = "cache";

    /// <summary>
    /// How many bytes of keys and values are kept, 36 more counted for each entry; beyond it entries that have expired
    /// go first, then those that were not read lately. It is looked at after each batch of changes, so it may be
    /// exceeded by what <see cref="PendingLimit"/> allows. The file is larger, by what its pages leave free and by
    /// pages that wait for a flush (<see cref="DatabaseOptions.DeferredLimit"/>). Null: no limit. Default: 1 GiB.
    /// </summary>
    public long? SizeLimit { get; set; } = 1L << 30;

    /// <summary>
    /// How long changes are collected in memory, where everybody sees them, until they are written as one commit. The
    /// more there are, the more of them share a page. More than zero, at most a minute. Default: half a second.
    /// </summary>
    public TimeSpan WriteDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long the renewals of sliding entries are collected in memory until they are written. Each entry is written
    /// once in this time, however often it was read; a crash loses them, so that such an entry expires earlier. More
    /// than zero, at most a day. Default: 5 seconds.
    /// </summary>
    public TimeSpan RenewalDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Bytes of changes that are kept in memory. Who sets an entry while there are more waits for the writer, a second
    /// at most; and gets an <see cref="IOException"/> if writing fails. At least 64 KiB. Default: 16 MiB.
    /// </summary>
    public long PendingLimit { get; set; } = 16L << 20;

    /// <summary>
    /// How often expired entries are removed, which nobody sees any more, in steps of
    /// <see cref="SweepBatch"/>. More than zero, at most a day; <see cref="Timeout.InfiniteTimeSpan"/>: only on request
    /// (<see cref="EngineCache.RemoveExpired"/>). Default: one minute.
    /// </summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How many entries one step of a sweep or of an eviction looks at; between two steps others can write. From 1 to
    /// 100,000. Default: 1,000.
    /// </summary>
    public int SweepBatch { get; set; } = 1000;

    /// <summary>
    /// Tells when entries expire; waits and intervals are measured by the system. Null: the <see cref="TimeProvider"/>
    /// among the services, if there is one, otherwise <see cref="TimeProvider.System"/>.
    /// </summary>
    public TimeProvider? TimeProvider { get; set; }

    /// <summary>What stands for a key that is too long. Tests let keys collide.</summary>
    internal KeyHash KeyHash { get; set; } = CacheKey.Sha256;

    /// <summary>Whether there is a thread that writes. Tests that need one order of everything have none.</summary>
    internal bool HasThread { get; set; } = true;

    /// <summary>What is wrong with the options; each with what to do.</summary>
    internal IEnumerable<string> FindProblems()
    {
        const int LongestName = 64;
        if ((Path is null) == (Database is null))
        {
            yield return $"Set either {nameof(Path)}, for a file of the cache's own, or {nameof(Database)}.";
        }

        if (Path is "")
        {
            yield return $"{nameof(Path)} is empty. Set it to a file name.";
        }

        if (Database is { IsReadOnly: true } || DatabaseOptions is { ReadOnly: true })
        {
            yield return "The database is open read-only, and a cache writes. Open it for writing.";
        }

        if (Database is not null && DatabaseOptions is not null)
        {
            yield return $"{nameof(DatabaseOptions)} is for the file at {nameof(Path)}: {nameof(Database)} is open.";
        }

        if (string.IsNullOrEmpty(Name) || Encoding.UTF8.GetByteCount(Name) > LongestName)
        {
            yield return $"{nameof(Name)} must have 1 to {LongestName} bytes in UTF-8.";
        }

        if (SizeLimit is <= 0)
        {
            yield return $"{nameof(SizeLimit)} must be more than zero bytes, or null for none.";
        }

        if (PendingLimit < 64 << 10)
        {
            yield return $"{nameof(PendingLimit)} must be at least 64 KiB.";
        }

        if (!IsWithin(WriteDelay, TimeSpan.FromMinutes(1)))
        {
            yield return $"{nameof(WriteDelay)} must be more than zero, and a minute at the most.";
        }

        if (!IsWithin(RenewalDelay, TimeSpan.FromDays(1)))
        {
            yield return $"{nameof(RenewalDelay)} must be more than zero, and a day at the most.";
        }

        if (SweepInterval != Timeout.InfiniteTimeSpan && !IsWithin(SweepInterval, TimeSpan.FromDays(1)))
        {
            yield return $"{nameof(SweepInterval)} must be more than zero, and a day at the most; or infinite.";
        }

        if (SweepBatch is < 1 or > 100_000)
        {
            yield return $"{nameof(SweepBatch)} must be from 1 to 100,000.";
        }
    }

    private static bool IsWithin(TimeSpan time, TimeSpan most) => time > TimeSpan.Zero && time <= most;
}
