using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Engine.Bench.Measuring;
using Engine.Bench.Writers.Clients;
using Engine.Bench.Writers.Data;
using Engine.Bench.Writers.Peers;

namespace Engine.Bench.Writers;

/// <summary>
/// One run: fills a new database, lets the clients work, and opens the database again to see whether all that they were
/// told is there.
/// </summary>
internal sealed class WriterRun(IWriterPeer peer, WriterData data, int clients, WriterSettings settings)
{
    private readonly Acknowledgements _acknowledgements = new(data.Entries);

    /// <exception cref="BenchException">An acknowledged update is missing; the message says which.</exception>
    public WriterSample Measure()
    {
        string directory = Path.Combine(settings.Directory, $"run-{Guid.NewGuid():N}");
        Directory.CreateDirectory(directory);
        try
        {
            WriterSample sample;
            using (IWriterDatabase database = peer.Open(directory, data, clients))
            {
                database.Fill();
                sample = Measure(database);
            }

            using IWriterDatabase again = peer.Open(directory, data, clients);
            new WriterCheck(data, _acknowledgements).Run(again);
            return sample;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private WriterSample Measure(IWriterDatabase database)
    {
        using ClientSignal signal = new();
        WriterClient[] all =
        [
            .. Enumerable.Range(0, clients).Select(
                number => new WriterClient(number, clients, data, signal, _acknowledgements))
        ];
        using ClientGroup group = new(database, all);
        RankClient[] rankers = OpenRankers(database, signal);
        Stopclock.SettleHeap();
        group.Start();
        Array.ForEach(rankers, static ranker => ranker.Start());
        signal.Sleep(settings.WarmUp);

        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        signal.Enter(ClientPhase.Measured);
        signal.Sleep(settings.Time);
        signal.Enter(ClientPhase.Over);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        cpu = Environment.CpuUsage.TotalTime - cpu;

        group.Join();
        Array.ForEach(rankers, static ranker => ranker.Join());
        if (signal.Failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        LatencyHistogram latencies = new();
        foreach (WriterClient client in all)
        {
            latencies.Add(client.Latencies);
        }

        return new WriterSample(
            database.Form,
            all.Sum(client => client.Measured),
            elapsed.TotalSeconds,
            cpu.TotalSeconds,
            latencies,
            LatenciesOf(rankers));
    }

    private static LatencyHistogram? LatenciesOf(RankClient[] rankers)
    {
        if (rankers.Length == 0)
        {
            return null;
        }

        LatencyHistogram all = new();
        Array.ForEach(rankers, ranker => all.Add(ranker.Latencies));
        return all;
    }

    private RankClient[] OpenRankers(IWriterDatabase database, ClientSignal signal) => data.IsRanked
        ?
        [
            .. Enumerable.Range(0, settings.Rankers)
                .Select(number => (number, ranker: database.OpenRanker()))
                .Where(each => each.ranker is not null)
                .Select(each => new RankClient(
                    each.number, data, signal, each.ranker!, settings.RankRate / settings.Rankers))
        ]
        : [];
}
