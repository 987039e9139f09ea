using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Caching.Distributed;

namespace Engine.Extensions.Caching.Bench;

/// <summary>
/// What somebody would write who wants a cache in a SQLite file: one table with an index of ends, connections that are
/// kept open with their statements prepared, a write-ahead log, and no flush for each commit. It keeps the contract.
/// </summary>
internal sealed class SqliteDistributedCache : IDistributedCache, IDisposable
{
    private readonly ConcurrentBag<SqliteSession> _idle = [];
    private readonly string _connectionString;
    private readonly TimeProvider _time;

    public SqliteDistributedCache(string path, TimeProvider time)
    {
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString;
        _time = time;
        using var connection = new SqliteConnection(_connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            PRAGMA journal_mode = WAL;
            CREATE TABLE IF NOT EXISTS cache (
                key TEXT PRIMARY KEY, value BLOB NOT NULL, ends INTEGER, window INTEGER, absolute INTEGER);
            CREATE INDEX IF NOT EXISTS cache_ends ON cache (ends) WHERE ends IS NOT NULL;
            """;
        command.ExecuteNonQuery();
    }

    private long Now => _time.GetUtcNow().UtcTicks;

    public byte[]? Get(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var now = Now;
        return Use(session =>
        {
            var value = session.Get(key, now, out var isSliding);
            if (isSliding)
            {
                session.Renew(key, now);
            }

            return value;
        });
    }

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Task.FromResult(Get(key));

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(options);
        var now = Now;
        var absolute = options.AbsoluteExpirationRelativeToNow is { } time
            ? now + time.Ticks
            : options.AbsoluteExpiration?.UtcTicks;
        var window = options.SlidingExpiration?.Ticks;
        var ends = window is null ? absolute : Math.Min(now + window.Value, absolute ?? long.MaxValue);
        Use(session =>
        {
            session.Set(key, value, ends, window, absolute);
            return true;
        });
    }

    public Task SetAsync(
        string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        Set(key, value, options);
        return Task.CompletedTask;
    }

    public void Refresh(string key) => Get(key);

    public Task RefreshAsync(string key, CancellationToken token = default)
    {
        Refresh(key);
        return Task.CompletedTask;
    }

    public void Remove(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Use(session =>
        {
            session.Remove(key);
            return true;
        });
    }

    public Task RemoveAsync(string key, CancellationToken token = default)
    {
        Remove(key);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var session))
        {
            session.Dispose();
        }
    }

    private T Use<T>(Func<SqliteSession, T> work)
    {
        if (!_idle.TryTake(out var session))
        {
            session = new SqliteSession(_connectionString);
        }

        try
        {
            return work(session);
        }
        finally
        {
            _idle.Add(session);
        }
    }
}
