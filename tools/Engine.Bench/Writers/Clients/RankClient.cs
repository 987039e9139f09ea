using System.Diagnostics;
using Engine.Bench.Data;
using Engine.Bench.Measuring;
using Engine.Bench.Writers.Data;
using Engine.Bench.Writers.Peers;

namespace Engine.Bench.Writers.Clients;

/// <summary>A thread that asks for the ranks of players, one after the other, while clients update them.</summary>
/// <param name="number">Which of these threads it is.</param>
/// <param name="data">The players.</param>
/// <param name="signal">When it ends.</param>
/// <param name="ranker">Knows the ranks.</param>
/// <param name="perSecond">How many it asks for; 0: as many as it can.</param>
internal sealed class RankClient(
    int number, WriterData data, ClientSignal signal, IRanker ranker, double perSecond = 0)
{
    /// <summary>How far it may be ahead before it rests.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMilliseconds(1);

    private readonly ulong _salt = Mixing.Mix(~data.Seed ^ Mixing.Mix((ulong)number));
    private Thread? _thread;

    /// <summary>Of the ranks that were asked for while it was measured.</summary>
    public LatencyHistogram Latencies { get; } = new();

    public void Start()
    {
        _thread = new Thread(Run) { Name = "ranker", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Waits until it has ended. It does once the phase is over.</summary>
    public void Join() => _thread?.Join();

    private void Run()
    {
        try
        {
            long begun = Stopwatch.GetTimestamp();
            for (ulong i = 0; signal.Phase is not ClientPhase.Over; i++)
            {
                if (perSecond > 0 && TimeSpan.FromSeconds(i / perSecond) > Stopwatch.GetElapsedTime(begun) + Ahead)
                {
                    Thread.Sleep(Ahead);
                    i--;
                    continue;
                }

                long id = (long)(Mixing.Mix(_salt ^ i) % (ulong)data.Entries);
                long start = Stopwatch.GetTimestamp();
                ranker.RankOf(id);
                long nanoseconds = (long)Stopwatch.GetElapsedTime(start).TotalNanoseconds;
                if (signal.Phase == ClientPhase.Measured)
                {
                    Latencies.Record(nanoseconds);
                }
            }
        }
        catch (Exception failure)
        {
            signal.Fail(failure);
        }
    }
}
