using System.Buffers;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Engine.Extensions.Caching;

/// <summary>
/// A cache of bytes that survives the process: <see cref="IDistributedCache"/> and
/// <see cref="IBufferDistributedCache"/> on a database, for the second level of <c>HybridCache</c>, for sessions, and
/// whatever else uses these interfaces. Thread-safe; any number of readers go on beside each other and beside the
/// writer, and wait for nobody.
/// </summary>
/// <remarks>
/// <para>
/// Changes are seen by everybody in this process at once. They are collected in memory, written by a thread of the
/// cache's own after <see cref="EngineCacheOptions.WriteDelay"/>, and are durable at the latest after
/// <see cref="DatabaseOptions.FlushInterval"/> more: a crash loses the last ones, and what was written is consistent.
/// <see cref="Flush"/>, <see cref="FlushAsync"/> and <see cref="Dispose"/> make everything durable.
/// </para>
/// <para>
/// An entry is there as long as the present time is before its end. Reading it (<see cref="Get"/>,
/// <see cref="TryGet"/>) and <see cref="Refresh"/> begin the sliding time anew, up to the absolute end. Renewals are
/// collected in memory (<see cref="EngineCacheOptions.RenewalDelay"/>): a read writes nothing.
/// </para>
/// <para>
/// Keys may have any length and any characters; those that do not fit the database in UTF-8 are stored by a hash, and
/// compared as a whole. Asynchronous members complete synchronously, except that <c>SetAsync</c> waits when more than
/// <see cref="EngineCacheOptions.PendingLimit"/> is not written yet.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// using var cache = new EngineCache(new EngineCacheOptions { Path = "cache.db" });
/// cache.Set("greeting", "hello"u8.ToArray(), new() { SlidingExpiration = TimeSpan.FromMinutes(10) });
/// byte[]? value = cache.Get("greeting");
/// </code>
/// </example>
public sealed partial class EngineCache : IBufferDistributedCache, IDisposable, IAsyncDisposable
{
    /// <summary>How long who sets an entry waits for the writer when too much is not written.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Database _database;
    private readonly bool _isOwnDatabase;
    private readonly CacheTrees _trees;
    private readonly PendingEntries _pending = new();
    private readonly Renewals _renewals = new();
    private readonly TouchedEntries? _touched;
    private readonly CacheCounters _counters = new();
    private readonly CacheWriter _writer;
    private readonly BackgroundWriter _background;
    private readonly CacheMeter _meter;
    private readonly TimeProvider _time;
    private readonly KeyHash _hash;
    private readonly long _pendingLimit;
    private readonly long _largestEntry;
    private int _isDisposed;

    /// <summary>Opens a cache, and its database if it is to have one of its own.</summary>
    /// <param name="options">The options; they are not looked at again.</param>
    /// <exception cref="ArgumentException">The options contradict each other, or are out of their ranges.</exception>
    /// <exception cref="InvalidDataException">
    /// The trees of that name are those of another version, or no cache.
    /// </exception>
    /// <exception cref="InvalidOperationException">The database has a cache of that name open.</exception>
    /// <exception cref="DatabaseException">As <see cref="Database.Open"/>.</exception>
    public EngineCache(EngineCacheOptions options)
        : this(options, log: null, meters: null, time: null)
    {
    }

    internal EngineCache(EngineCacheOptions options, ILogger? log, IMeterFactory? meters, TimeProvider? time)
    {
        ArgumentNullException.ThrowIfNull(options);
        string[] problems = [.. options.FindProblems()];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        }

        _time = options.TimeProvider ?? time ?? TimeProvider.System;
        _hash = options.KeyHash;
        _pendingLimit = options.PendingLimit;
        _largestEntry = Math.Min(options.SizeLimit ?? long.MaxValue, Array.MaxLength);
        _touched = options.SizeLimit is { } limit ? new TouchedEntries(limit) : null;
        _isOwnDatabase = options.Database is null;
        _database = options.Database ?? Database.Open(options.Path!, options.DatabaseOptions);
        var isClaimed = false;
        try
        {
            isClaimed = OpenCaches.TryClaim(_database, options.Name);
            if (!isClaimed)
            {
                throw new InvalidOperationException(
                    $"The database has a cache '{options.Name}' open. Use that one, or choose another name.");
            }

            Name = options.Name;
            _trees = new CacheTrees(_database, Name);
            _writer = new CacheWriter(_database, _trees, _pending, _renewals, _touched, _counters, options, _time);
            _meter = new CacheMeter(meters, Name, _counters, GetStatisticsUnlessDisposed);
            _background = new BackgroundWriter(_writer, _pending, options, log ?? NullLogger.Instance);
        }
        catch
        {
            if (isClaimed)
            {
                OpenCaches.Release(_database, options.Name);
            }

            if (_isOwnDatabase)
            {
                _database.Dispose();
            }

            throw;
        }
    }

    /// <summary>The cache's name, as in <see cref="EngineCacheOptions.Name"/>.</summary>
    public string Name { get; }

    private bool IsDisposed => Volatile.Read(ref _isDisposed) != 0;

    private long Now => _time.GetUtcNow().UtcTicks;

    /// <summary>
    /// Writes all changes and renewals that were made before the call, and makes them durable; the thread is blocked
    /// meanwhile. Not to be called within a write transaction of the same database on the same thread.
    /// </summary>
    /// <exception cref="DatabaseException">As <see cref="Database.Flush"/>; what was not written stays in memory.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed.</exception>
    public void Flush()
    {
        ThrowIfDisposed();
        Write();
        _database.Flush();
    }

    /// <summary>As <see cref="Flush"/>, on a thread of the pool.</summary>
    /// <param name="cancellationToken">Gives the waiting up; what has begun goes on.</param>
    public Task FlushAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return Task.Run(Flush, cancellationToken).WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Removes what has expired, which nobody sees any more, in steps of <see cref="EngineCacheOptions.SweepBatch"/>:
    /// what the cache does by itself from time to time. An entry is kept for a second after its end.
    /// </summary>
    /// <param name="cancellationToken">Ends it between two steps.</param>
    /// <returns>How many entries.</returns>
    /// <exception cref="ObjectDisposedException">The cache was disposed.</exception>
    public long RemoveExpired(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return _writer.RemoveExpired(cancellationToken);
    }

    /// <summary>The cache in numbers.</summary>
    /// <exception cref="ObjectDisposedException">The cache was disposed.</exception>
    public EngineCacheStatistics GetStatistics()
    {
        ThrowIfDisposed();
        using var read = _database.BeginRead();
        return new EngineCacheStatistics
        {
            Entries = read[_trees.Entries].Count,
            Size = _writer.Size,
            PendingSize = _pending.Size,
            Hits = _counters.Hits.Value,
            Misses = _counters.Misses.Value,
            Sets = _counters.Sets.Value,
            Removals = _counters.Removals.Value,
            Renewals = _counters.Renewals.Value,
            Expired = _counters.Expired.Value,
            Evicted = _counters.Evicted.Value,
            Batches = _counters.Batches.Value,
        };
    }

    /// <summary>
    /// Makes everything durable and closes the cache, and the database if that is its own. Disposing again does
    /// nothing.
    /// </summary>
    /// <exception cref="DatabaseException">
    /// What was not written could not be: it is lost. The cache is closed nevertheless.
    /// </exception>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        _background.Dispose();
        try
        {
            Write();
            if (!_isOwnDatabase)
            {
                _database.Flush();
            }
        }
        finally
        {
            _meter.Dispose();
            OpenCaches.Release(_database, Name);
            if (_isOwnDatabase)
            {
                _database.Dispose();
            }
        }
    }

    /// <summary>As <see cref="Dispose"/>, on a thread of the pool.</summary>
    /// <exception cref="DatabaseException">As <see cref="Dispose"/>.</exception>
    public ValueTask DisposeAsync() => IsDisposed ? ValueTask.CompletedTask : new ValueTask(Task.Run(Dispose));

    private void Write()
    {
        _writer.WritePending();
        _writer.WriteRenewals();
    }

    private EngineCacheStatistics? GetStatisticsUnlessDisposed()
    {
        try
        {
            return IsDisposed ? null : GetStatistics();
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(IsDisposed, this);
}
