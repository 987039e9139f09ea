using Engine.Bench.Data;
using Engine.Bench.Measuring;
using Engine.Bench.Peers.Own;
using Engine.Bench.Workloads;
using Microsoft.Win32.SafeHandles;

namespace Engine.Bench.Limits;

/// <summary>
/// Measures the unavoidable work of a workload: for reads by loops over memory of the tree's size, for writes by doing
/// them again that a database of its own has been watched doing.
/// </summary>
internal sealed class LimitMeasurement : IDisposable
{
    private const long MostLookups = 1_000_000;
    private readonly ComparisonSettings _settings;
    private readonly string _directory;
    private readonly WriteTrace _trace = new();
    private readonly PeerSession _session;
    private MemoryLoops? _memory;
    private double _bytesPerEntry;

    public LimitMeasurement(string directory, ComparisonSettings settings)
    {
        _settings = settings;
        _directory = directory;
        _session = new PeerSession(
            new RecordedEnginePeer(_trace), "limit", Path.Combine(directory, "database"), settings.Scale);
    }

    /// <summary>
    /// Makes ready for what measures the nanoseconds per operation; null where there is no such work.
    /// </summary>
    public Func<double>? Prepare(Workload workload) => workload.Limit switch
    {
        LimitKind.None => null,
        LimitKind.Writes => PrepareWrites(workload),
        _ => PrepareReads(workload),
    };

    public void Dispose()
    {
        _memory?.Dispose();
        _session.Dispose();
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private Func<double> PrepareReads(Workload workload)
    {
        // The tree is the same for all of these, so its memory is too.
        if (_memory is null)
        {
            _session.Prepare(workload);
            EngineDatabase database = (EngineDatabase)_session.Database;
            _memory = new MemoryLoops(database.CountLevels(), database.PageSize);
            _bytesPerEntry = (double)database.GetSizes().LiveBytes!.Value / _settings.Scale.Entries;
        }

        MemoryLoops memory = _memory;
        long lookups = Math.Min(_settings.Scale.Limited(_settings.Scale.Entries), MostLookups);
        double bytes = _bytesPerEntry;
        return workload.Limit switch
        {
            LimitKind.Scan => () => memory.TimePerByte() * bytes,
            LimitKind.Seeks => () =>
                memory.TimeLookups(lookups, independent: false) / Scans.EntriesPerSeek + memory.TimePerByte() * bytes,
            _ => () => memory.TimeLookups(lookups, workload.Limit == LimitKind.IndependentLookups),
        };
    }

    private Func<double> PrepareWrites(Workload workload)
    {
        _session.Prepare(workload);
        string database = Path.Combine(_directory, "database", RecordedEnginePeer.FileName);
        WriteReplay replay = new(Path.Combine(_directory, "replay"), _trace);
        replay.Prepare(database);
        OperationRange range = new(0, workload.Operations(_settings.Scale));
        _trace.Start();
        Outcome outcome = workload.Execute(new WorkloadRun(
            _session.Database,
            _settings.Scale,
            range,
            workload.RunNumber(0),
            _settings.Batches,
            _settings.Readers));
        _trace.Stop();
        _session.Finish(workload);

        // The storage that is watched flushes nothing, and nobody is to be slowed down by its pages.
        using (SafeFileHandle file =
            File.OpenHandle(database, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            RandomAccess.FlushToDisk(file);
        }

        return () => replay.Run() * 1e9 / Math.Max(outcome.Operations, 1);
    }
}
