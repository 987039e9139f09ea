using System.Diagnostics;
using System.Diagnostics.Metrics;
using Engine.Extensions.Nats.Tests.Infrastructure;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Engine.Extensions.Nats.Tests;

/// <summary>How much goes through; not a test of anything, and run by name only.</summary>
[Category("Process")]
[Explicit("It measures, and passes always.")]
public class Measurements
{
    private const int Clients = 64;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(8);

    [TestCase(1, 1)]
    [TestCase(1, 16)]
    [TestCase(16, 1)]
    public async Task Writes_OfManyClients(int putsInABatch, int writesUnderWay)
    {
        await using var nodes = new NodeSet(await SharedCluster.GetAsync());
        var writer = await nodes.OpenAsync(0);
        var follower = await nodes.OpenAsync(1);
        var lags = new List<double>();
        using var meter = ListenToLags(lags);

        var (writes, seconds) = await RunAsync(Clients * writesUnderWay, async (client, i) =>
        {
            var batch = new WriteBatch();
            for (var put = 0; put < putsInABatch; put++)
            {
                batch.Put("t", BitConverter.GetBytes(((long)client << 32) + (i * putsInABatch) + put), new byte[32]);
            }

            await writer.WriteAsync(batch);
        });
        TestContext.Out.WriteLine(
            $"{Clients} clients, {putsInABatch} puts in a batch, {writesUnderWay} batches under way each: "
            + $"{writes * putsInABatch / seconds:n0} puts/s, "
            + $"{writes / seconds:n0} batches/s, {writer.AppliedSequence / seconds:n0} messages/s, "
            + $"lag of both nodes {Describe(lags)}");
        await follower.WaitForAsync(writer.AppliedSequence);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Commits_OfAPrimary(bool areWaitedFor)
    {
        await using var nodes = new FeedSet(await SharedCluster.GetAsync());
        var primary = await nodes.OpenPrimaryAsync(0);
        var follower = await nodes.OpenAsync(1, mayLead: false);
        primary.Database.Write(static tx => tx.CreateTree("t"));
        var tree = primary.Database.GetTree("t");
        var lags = new List<double>();
        using var meter = ListenToLags(lags);
        using var ending = new CancellationTokenSource();
        var delays = MeasureDelaysAsync(primary.Database, follower, ending.Token);

        var (writes, seconds) = await RunAsync(Clients, async (client, i) =>
        {
            var state = await primary.Database.WriteAsync(tx =>
            {
                tx[tree].Put(BitConverter.GetBytes(((long)client << 32) + i), new byte[32]);
                return tx.TransactionId;
            });
            if (areWaitedFor)
            {
                await primary.WaitForPublishedAsync(primary.Database, state);
            }
        });
        await ending.CancelAsync();
        TestContext.Out.WriteLine(
            $"{Clients} clients, commits {(areWaitedFor ? "until published" : "alone")}: {writes / seconds:n0}/s, "
            + $"{primary.AppliedSequence / seconds:n0} messages/s, lag of the follower {Describe(lags)}, "
            + $"from a commit to its being read on the follower {Describe(await delays)}");
        await FeedSet.RequireEqualAsync(primary, follower);
    }

    [Test]
    public async Task LargeTransaction_OfAPrimary()
    {
        await using var nodes = new FeedSet(await SharedCluster.GetAsync());
        var primary = await nodes.OpenPrimaryAsync(0);
        var follower = await nodes.OpenAsync(1, mayLead: false);
        const int Mebibytes = 64;
        var state = primary.Database.Write(static tx =>
        {
            var tree = tx[tx.CreateTree("t")];
            for (var i = 0; i < Mebibytes * 1024; i++)
            {
                tree.Put(BitConverter.GetBytes(i), new byte[1024]);
            }

            return tx.TransactionId;
        });
        var begun = Stopwatch.GetTimestamp();
        await primary.WaitForPublishedAsync(primary.Database, state);
        var published = Stopwatch.GetElapsedTime(begun);
        await follower.CatchUpAsync();
        TestContext.Out.WriteLine(
            $"{Mebibytes} MiB in one transaction: published after {published.TotalSeconds:n1} s, applied after "
            + $"{Stopwatch.GetElapsedTime(begun).TotalSeconds:n1} s, {primary.AppliedSequence} messages");
    }

    [Test]
    public async Task Messages_OfTheBareStream()
    {
        await using var nodes = new NodeSet(await SharedCluster.GetAsync());
        await using (await nodes.OpenAsync(0))
        {
            // Only to make the stream.
        }

        await using var connection = nodes.Cluster.Connect();
        var context = new NatsJSContext(connection);
        var (messages, seconds) = await RunAsync(Clients, async (_, _) => await context.PublishAsync(
            $"engine.{nodes.Name}.log", new byte[64], NatsRawSerializer<byte[]>.Default));
        TestContext.Out.WriteLine($"{Clients} publishers of 64 bytes: {messages / seconds:n0} messages/s");
    }

    /// <summary>
    /// Commits every ten milliseconds and asks the follower every millisecond until it has it: seconds from the
    /// commit's return to there.
    /// </summary>
    private static async Task<List<double>> MeasureDelaysAsync(
        Database primary, FeedNode follower, CancellationToken ending)
    {
        var delays = new List<double>();
        for (long number = 1; !ending.IsCancellationRequested; number++)
        {
            var written = BitConverter.GetBytes(number);
            await primary.WriteAsync(
                tx =>
                {
                    tx.Main.Put("probe"u8, written);
                    return true;
                },
                cancellationToken: CancellationToken.None);
            var begun = Stopwatch.GetTimestamp();
            while (!follower.Database.Read(read => read.Main.TryGet("probe"u8, out var value)
                && value.SequenceEqual(written)))
            {
                await Task.Delay(1, CancellationToken.None);
            }

            delays.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds);
            await Task.Delay(10, CancellationToken.None);
        }

        return delays;
    }

    private static MeterListener ListenToLags(List<double> lags)
    {
        var meter = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "engine.replica.lag")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meter.SetMeasurementEventCallback<double>((_, lag, _, _) =>
        {
            lock (lags)
            {
                lags.Add(lag);
            }
        });
        meter.Start();
        return meter;
    }

    private static string Describe(List<double> lags)
    {
        lock (lags)
        {
            lags.Sort();
            return $"p50 {lags[lags.Count / 2] * 1000:n1} ms, p99 {lags[lags.Count * 99 / 100] * 1000:n1} ms";
        }
    }

    private static async Task<(long Count, double Seconds)> RunAsync(int loops, Func<int, int, Task> once)
    {
        var begun = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, loops).Select(client => Task.Run(async () =>
        {
            var count = 0L;
            for (; Stopwatch.GetElapsedTime(begun) < Duration; count++)
            {
                await once(client, (int)count);
            }

            return count;
        })));
        return (counts.Sum(), Stopwatch.GetElapsedTime(begun).TotalSeconds);
    }
}
