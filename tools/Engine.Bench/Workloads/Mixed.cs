using System.Diagnostics;
using Engine.Bench.Data;
using Engine.Bench.Measuring;
using Engine.Bench.Peers;

namespace Engine.Bench.Workloads;

/// <summary>
/// One writer and several readers at the same time on a filled tree. A reader gets random keys, each in a read
/// transaction of its own; the writer overwrites random keys, ten per commit, without flush. Both go on until a fixed
/// number of operations is done; a put counts as one.
/// </summary>
internal static class Mixed
{
    private const int PutsPerCommit = 10;

    /// <param name="run">Its range says how many operations, gets and puts together.</param>
    /// <param name="putPercent">How many of a hundred operations are puts.</param>
    public static Outcome Run(WorkloadRun run, int putPercent)
    {
        long commits = Math.Max(run.Range.Count * putPercent / 100 / PutsPerCommit, 1);
        long gets = Math.Max(commits * PutsPerCommit * (100 - putPercent) / putPercent, 1);
        Pace pace = new(gets, commits);
        List<MixedReader> readers = [];
        LatencyHistogram commitLatencies = new();
        TimeSpan elapsed;
        try
        {
            for (int i = 0; i < run.Readers; i++)
            {
                readers.Add(
                    new MixedReader(
                        run.Database.OpenReader(), run.Scale.StoredKeys(run.Number), run.Range.Start, pace));
            }

            long start = Stopwatch.GetTimestamp();
            readers.ForEach(reader => reader.Start());
            try
            {
                Write(run, pace, commitLatencies);
            }
            catch
            {
                pace.Stop();
                throw;
            }
            finally
            {
                readers.ForEach(reader => reader.Join());
                elapsed = Stopwatch.GetElapsedTime(start);
            }
        }
        finally
        {
            readers.ForEach(reader => reader.Dispose());
        }

        readers.ForEach(reader => reader.ThrowIfFailed());
        LatencyHistogram getLatencies = new();
        readers.ForEach(reader => getLatencies.Add(reader.Latencies));
        Digest digest = default;
        digest.AddAnswers(readers.Sum(reader => reader.Hits), readers.Sum(reader => reader.Misses));
        return new Outcome(gets + commits * PutsPerCommit, digest)
        {
            Elapsed = elapsed,
            Latencies = new MixedLatencies(getLatencies, commitLatencies),
        };
    }

    private static void Write(WorkloadRun run, Pace pace, LatencyHistogram latencies)
    {
        // Keys other than the readers': otherwise the writer would bring into the cache just what they ask for next.
        KeyStream keys = run.Scale.StoredKeys(~run.Number);
        ValueSource values = run.Scale.Values(run.Version);
        while (pace.TryClaimCommit(out long number))
        {
            OperationRange puts = new(run.Range.Start + number * PutsPerCommit, PutsPerCommit);
            long start = Stopwatch.GetTimestamp();
            run.Database.Put(keys, values, puts, PutsPerCommit, CommitKind.NoFlush);
            latencies.Record((long)Stopwatch.GetElapsedTime(start).TotalNanoseconds);
            pace.FinishCommit();
        }
    }
}
