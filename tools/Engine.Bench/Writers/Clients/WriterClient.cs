using System.Diagnostics;
using Engine.Bench.Data;
using Engine.Bench.Measuring;
using Engine.Bench.Writers.Data;
using Engine.Bench.Writers.Peers;

namespace Engine.Bench.Writers.Clients;

/// <summary>
/// A client in a closed loop: makes an update, waits until it is durable, makes the next. Allocates nothing of its own
/// on the way.
/// </summary>
/// <param name="number">Its number, from 0.</param>
/// <param name="clients">How many there are.</param>
/// <param name="data">What is updated.</param>
/// <param name="signal">Says when to count and when to end.</param>
/// <param name="acknowledgements">Gets what is durable.</param>
internal sealed class WriterClient(
    int number, int clients, WriterData data, ClientSignal signal, Acknowledgements acknowledgements)
{
    private readonly Update[] _update = [new()];
    private readonly ulong _salt = Mixing.Mix(data.Seed ^ Mixing.Mix((ulong)number));
    private long _sequence;

    /// <summary>Of the updates that were acknowledged since the measurement began.</summary>
    public LatencyHistogram Latencies { get; } = new();

    /// <summary>Updates acknowledged while it was measured.</summary>
    public long Measured { get; private set; }

    public void Run(IUpdater updater)
    {
        try
        {
            while (signal.Phase != ClientPhase.Over)
            {
                Plan();
                long start = Stopwatch.GetTimestamp();
                updater.Apply(_update);
                Acknowledge(start);
            }
        }
        catch (Exception failure)
        {
            signal.Fail(failure);
        }
    }

    public async Task RunAsync(IAsyncUpdater updater)
    {
        try
        {
            while (signal.Phase != ClientPhase.Over)
            {
                Plan();
                long start = Stopwatch.GetTimestamp();
                await updater.ApplyAsync(_update[0]).ConfigureAwait(false);
                Acknowledge(start);
            }
        }
        catch (Exception failure)
        {
            signal.Fail(failure);
        }
    }

    private void Plan()
    {
        Update update = _update[0];
        ulong drawn = Mixing.Mix(_salt ^ (ulong)++_sequence);
        update.Author = Update.AuthorOf(number, _sequence);
        if (data.HasBoard)
        {
            update.Id = (long)(drawn % (ulong)data.Entries);
        }
        else
        {
            // Each client has keys of its own: which of two puts of a key came last, nobody could tell afterwards.
            update.Id = ((long)(drawn % (ulong)(data.Entries / clients)) * clients) + number;
            update.Version = _sequence;
        }
    }

    private void Acknowledge(long start)
    {
        long nanoseconds = (long)Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        ClientPhase phase = signal.Phase;
        acknowledgements.Add(_update[0], number);
        if (phase == ClientPhase.Measured)
        {
            Measured++;
        }

        // Who waited longest may be told after the end, and belongs to the latencies all the same.
        if (phase != ClientPhase.WarmUp)
        {
            Latencies.Record(nanoseconds);
        }
    }
}
