using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Engine.Extensions.Hosting;

/// <summary>
/// Looks at a database and its disk now and then, so that the health check need not; and logs what begins to be the
/// matter and what ends. Thread-safe.
/// </summary>
internal sealed class DatabaseWatch : IDisposable
{
    /// <summary>So many times the interval may pass without a sample.</summary>
    private const int Patience = 3;

    private readonly IWatched _database;
    private readonly EngineHealthOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _timeProvider;
    private readonly ITimer _timer;
    private HealthSample _sample;
    private DatabasePoisonedException? _poison;
    private HashSet<HealthProblemKind> _known = [];
    private int _isLooking;

    /// <summary>Looks once right now.</summary>
    public DatabaseWatch(IWatched database, EngineHealthOptions options, ILogger logger, TimeProvider timeProvider)
    {
        _database = database;
        _options = options;
        _logger = logger;
        _timeProvider = timeProvider;
        _sample = new HealthSample(timeProvider.GetTimestamp(), null, null, []);
        Look();
        _timer = timeProvider.CreateTimer(
            static watch => ((DatabaseWatch)watch!).Look(), this, options.SampleInterval, options.SampleInterval);
    }

    /// <summary>The database accepts no further commit.</summary>
    public void Poisoned(DatabasePoisonedException exception)
    {
        Volatile.Write(ref _poison, exception);
        _logger.Poisoned(exception, _database.Name);
    }

    /// <summary>How the database is, as far as is known. Does no I/O and waits for nobody.</summary>
    /// <param name="failure">What it is called if nothing can be committed.</param>
    public HealthCheckResult Check(HealthStatus failure)
    {
        var sample = Volatile.Read(ref _sample);
        var data = new Dictionary<string, object>
        {
            ["database"] = _database.Name,
            ["readers"] = sample.Readers.Count,
            ["maxReaders"] = Database.MaxReaders,
        };
        if (sample.FreeDiskBytes is { } bytes)
        {
            data["freeDiskBytes"] = bytes;
        }

        if (sample.LargestHolder is { } holder)
        {
            data["largestHolder"] = holder.ToString();
            data["largestHolderPages"] = holder.Pages!.Value;
        }

        switch (_database.State)
        {
            case DatabaseState.Poisoned:
                return new HealthCheckResult(
                    failure,
                    "The database accepts no commits until it has been opened again: a write to its disk has failed.",
                    Volatile.Read(ref _poison),
                    data);
            case DatabaseState.Closed:
                return new HealthCheckResult(failure, "The database is closed.", data: data);
        }

        var problems = sample.Problems(_options).ToList();
        var age = _timeProvider.GetElapsedTime(sample.Timestamp);
        if (age > Patience * _options.SampleInterval)
        {
            problems.Add(new HealthProblem(
                HealthProblemKind.NoSample,
                $"its disk does not answer, what is known of it is {(long)age.TotalSeconds} seconds old"));
        }

        return problems.Count == 0
            ? HealthCheckResult.Healthy(data: data)
            : HealthCheckResult.Degraded(
                $"The database is degraded: {string.Join("; ", problems.Select(static problem => problem.Text))}.",
                data: data);
    }

    /// <summary>Does not wait for a sample that is being taken: a disk may not answer.</summary>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (Interlocked.Exchange(ref _isLooking, 1) != 0)
        {
            return;
        }

        try
        {
            var before = _sample;
            var sample = TakeSample();
            Volatile.Write(ref _sample, sample);
            Report(before, sample);
        }
        catch (ObjectDisposedException)
        {
            // Closed meanwhile: there is nothing to be seen any more.
        }
        catch (Exception e)
        {
            // Nobody is here to be told, and an application does not end because it was looked at.
            _logger.LookFailed(e, _database.Name);
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }

    private HealthSample TakeSample()
    {
        long? free = null;
        string? error = null;
        if (_options.MinFreeDiskBytes > 0)
        {
            try
            {
                free = _database.GetFreeDiskBytes();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                error = e.Message;
            }
        }

        var readers = _database.GetReaders();
        return new HealthSample(_timeProvider.GetTimestamp(), free, error, readers);
    }

    private void Report(HealthSample before, HealthSample sample)
    {
        var dead = sample.Dead.Select(static reader => (reader.Slot, reader.ProcessId)).ToHashSet();
        var swept = before.Dead.Count(reader => !dead.Contains((reader.Slot, reader.ProcessId)));
        if (swept > 0)
        {
            _logger.Swept(_database.Name, swept);
        }

        var problems = sample.Problems(_options).ToList();
        foreach (var problem in problems.Where(problem => !_known.Contains(problem.Kind)))
        {
            _logger.Degraded(_database.Name, problem.Kind, problem.Text);
        }

        var kinds = problems.Select(static problem => problem.Kind).ToHashSet();
        foreach (var kind in _known.Where(kind => !kinds.Contains(kind)))
        {
            _logger.Restored(_database.Name, kind);
        }

        _known = kinds;
    }
}
