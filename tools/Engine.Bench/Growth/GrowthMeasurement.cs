using System.Diagnostics;
using Engine.Bench.Data;
using Engine.Bench.Measuring;
using Engine.Bench.Peers;
using Engine.Bench.Peers.Own;
using Engine.Bench.Workloads;

namespace Engine.Bench.Growth;

/// <summary>The same work on databases of growing size, one after the other.</summary>
internal sealed class GrowthMeasurement(string directory, long operations, int runs, Action<string> progress)
{
    private const int PerTransaction = 1000;
    private const long WarmUpEntries = 20_000;
    private const int WarmUpRounds = 30;

    /// <summary>
    /// What a size takes on the disk: the loaded tree, and the pages that overwrites without a flush leave beside it.
    /// </summary>
    public static long ExpectedBytes(Scale scale, long operations)
    {
        const int PerEntry = 24;
        const double Room = 1.3;
        const long PagesPerPut = 10 << 10;
        return (long)(Room * scale.Entries * (KeyStream.KeyLength + scale.ValueLength + PerEntry))
            + Math.Min(operations, scale.Entries) * (PagesPerPut + scale.ValueLength);
    }

    public GrowthRow Measure(Scale scale)
    {
        string place = Directory.CreateDirectory(Path.Combine(directory, $"growth-{scale.Entries}")).FullName;
        try
        {
            return MeasureIn(place, scale);
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    }

    /// <summary>Brings the code to its last JIT tier, on a small database.</summary>
    public void WarmUp(Scale scale)
    {
        progress("warming up");
        Scale small = scale with { Entries = Math.Min(scale.Entries, WarmUpEntries) };
        string place = Directory.CreateDirectory(Path.Combine(directory, "warm-up")).FullName;
        for (int round = 0; round < WarmUpRounds; round++)
        {
            using (EngineDatabase database = new(place, readAhead: true))
            {
                Load(database, small);
                Get(database, small, round, small.Entries);
                database.Scan(reverse: false);
                Overwrite(database, small, round, small.Entries);
            }

            Check(place);
            Directory.Delete(place, recursive: true);
            Directory.CreateDirectory(place);
        }
    }

    private GrowthRow MeasureIn(string place, Scale scale)
    {
        long limited = Math.Min(operations, scale.Entries);
        double load;
        int depth;
        Statistic get, scan;
        using (EngineDatabase database = new(place, readAhead: true))
        {
            progress($"{scale.Entries:N0} entries: load");
            load = Time(() => Load(database, scale)) / scale.Entries;
            database.Flush();
            depth = database.Depth;
            progress($"{scale.Entries:N0} entries: gets");
            get = Repeat(run => Time(() => Get(database, scale, run, limited)) / limited);
            progress($"{scale.Entries:N0} entries: scans");
            scan = Repeat(_ => Time(() => Scan(database, scale)) / scale.Entries);
        }

        progress($"{scale.Entries:N0} entries: check and open");
        Statistic check = Repeat(_ => Time(() => Check(place)) / scale.Entries);
        Statistic open = Repeat(run => Time(() =>
        {
            using EngineDatabase opened = new(place, readAhead: true);
            Get(opened, scale, run, 1);
        }));
        long fileBytes;
        Statistic overwrite;
        using (EngineDatabase database = new(place, readAhead: true))
        {
            // The file as it was loaded.
            fileBytes = database.GetSizes().FileBytes;
            progress($"{scale.Entries:N0} entries: overwrites");
            overwrite = Repeat(run =>
            {
                double time = Time(() => Overwrite(database, scale, run, limited)) / limited;
                database.Flush();
                return time;
            });
        }

        return new GrowthRow
        {
            Entries = scale.Entries,
            Depth = depth,
            FileBytes = fileBytes,
            Load = load,
            Get = get,
            Scan = scan,
            Overwrite = overwrite,
            Check = check,
            Open = open,
        };
    }

    private static void Load(EngineDatabase database, Scale scale)
    {
        for (long start = 0; start < scale.Entries; start += scale.PerLoad)
        {
            OperationRange piece = new(start, Math.Min(scale.PerLoad, scale.Entries - start));
            database.Load(scale.AppendKeys, scale.Values(0), piece, CommitKind.NoFlush);
        }
    }

    private static void Get(EngineDatabase database, Scale scale, int run, long count)
    {
        Digest digest = database.Get(scale.DrawnAppended((ulong)run + 1), new OperationRange(0, count));
        Require(digest.Hits == count, scale);
    }

    private static void Scan(EngineDatabase database, Scale scale) =>
        Require(database.Scan(reverse: false).Hits == scale.Entries, scale);

    private static void Overwrite(EngineDatabase database, Scale scale, int run, long count) => database.Put(
        scale.DrawnAppended(~(ulong)run),
        scale.Values((ulong)run + 1),
        new OperationRange(0, count),
        scale.PerTransaction(PerTransaction),
        CommitKind.NoFlush);

    private static void Check(string place)
    {
        using Database database = Database.Open(EngineDatabase.FileIn(place));
        IntegrityReport report = database.Check();
        if (!report.IsOk)
        {
            throw new BenchException($"The check of {database.Path} found {report.Problems.Count} problems.");
        }
    }

    private static void Require(bool isComplete, Scale scale)
    {
        if (!isComplete)
        {
            throw new BenchException($"Not all of {scale.Entries:N0} entries were found again.");
        }
    }

    private static double Time(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    private Statistic Repeat(Func<int, double> measure)
    {
        Stopclock.SettleHeap();
        return Statistic.Of([.. Enumerable.Range(0, runs).Select(measure)]);
    }
}
