using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engine.Extensions.Hosting;

/// <summary>
/// The one database that is registered under a name: opened when it is asked for the first time, by the start of the
/// host at the latest, and closed once. Thread-safe.
/// </summary>
internal sealed class HostedDatabase : IDisposable, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly IOptionsMonitor<EngineOptions> _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _timeProvider;
    private readonly IMeterFactory? _meterFactory;
    private readonly IHostEnvironment? _environment;
    private readonly string _name;
    private Database? _database;
    private bool _isClosed;

    // The name is that of the options; a relative path begins where the environment says.
    public HostedDatabase(
        string name,
        IOptionsMonitor<EngineOptions> options,
        ILogger<Database> logger,
        TimeProvider timeProvider,
        IMeterFactory? meterFactory,
        IHostEnvironment? environment)
    {
        _name = name;
        _options = options;
        _logger = logger;
        _timeProvider = timeProvider;
        _meterFactory = meterFactory;
        _environment = environment;
    }

    /// <summary>Tells how the database is; null before it is open. Not opened by this.</summary>
    public DatabaseWatch? Watch { get; private set; }

    /// <summary>The database, which is opened if it is not yet.</summary>
    /// <exception cref="ObjectDisposedException">It was closed.</exception>
    public Database Open()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Database));
            return _database ??= OpenNow();
        }
    }

    /// <summary>Makes deferred commits durable and closes the database, if it was ever opened.</summary>
    public async ValueTask CloseAsync()
    {
        if (End() is not { } database)
        {
            return;
        }

        Watch?.Dispose();
        var begin = _timeProvider.GetTimestamp();
        try
        {
            await database.DisposeAsync().ConfigureAwait(false);
        }
        catch (DatabasePoisonedException e)
        {
            _logger.CloseFailed(e, database.Path);
            throw;
        }

        _logger.Closed(database.Path, _timeProvider.GetElapsedTime(begin).TotalMilliseconds);
    }

    public ValueTask DisposeAsync() => CloseAsync();

    /// <summary>For containers that are not disposed asynchronously, and were not stopped by a host.</summary>
    public void Dispose() => CloseAsync().AsTask().GetAwaiter().GetResult();

    private Database OpenNow()
    {
        var options = _options.Get(_name);
        var name = _name;
        var begin = _timeProvider.GetTimestamp();
        Database database;
        try
        {
            if (options.InMemory)
            {
                database = Database.OpenInMemory(options.ToDatabaseOptions(_timeProvider, _meterFactory));
            }
            else
            {
                name = Path.GetFullPath(options.Path!, _environment?.ContentRootPath ?? Environment.CurrentDirectory);
                database = Database.Open(name, options.ToDatabaseOptions(_timeProvider, _meterFactory));
            }
        }
        catch (Exception e)
        {
            _logger.OpenFailed(e, name);
            throw;
        }

        var statistics = database.GetStatistics();
        var elapsed = _timeProvider.GetElapsedTime(begin).TotalMilliseconds;
        _logger.Opened(database.Path, elapsed, statistics.TransactionId, statistics.FileLength);
        database.MetaRejected += (_, rejected) => _logger.Recovered(database.Path, rejected.Report);
        database.TransactionForgotten += (_, leak) => _logger.TransactionForgotten(database.Path, leak);
        var watched = new WatchedDatabase(database, options.InMemory);
        var watch = new DatabaseWatch(watched, options.Health, _logger, _timeProvider);
        database.Poisoned += (_, poisoned) => watch.Poisoned(poisoned.Exception);
        Watch = watch;
        return database;
    }

    /// <summary>Nothing is opened from here on.</summary>
    /// <returns>What has to be closed, told once.</returns>
    private Database? End()
    {
        lock (_gate)
        {
            _isClosed = true;
            var database = _database;
            _database = null;
            return database;
        }
    }
}
