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
        using var meter = new MeterListener();
        var lags = new List<double>();
        meter.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "engine.replica.lag")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meter.SetMeasurementEventCallback<double>((_, lag, _, _) =>
        {
            lock (lags)
            {
                lags.Add(lag);
            }
        });
        meter.Start();

        var (writes, seconds) = await RunAsync(Clients * writesUnderWay, async (client, i) =>
        {
            var batch = new WriteBatch();
            for (var put = 0; put < putsInABatch; put++)
            {
                batch.Put("t", BitConverter.GetBytes(((long)client << 32) + (i * putsInABatch) + put), new byte[32]);
            }

            await writer.WriteAsync(batch);
        });
        lags.Sort();
        TestContext.Out.WriteLine(
            $"{Clients} clients, {putsInABatch} puts in a batch, {writesUnderWay} batches under way each: "
            + $"{writes * putsInABatch / seconds:n0} puts/s, "
            + $"{writes / seconds:n0} batches/s, {writer.AppliedSequence / seconds:n0} messages/s, "
            + $"lag of both nodes p50 {lags[lags.Count / 2] * 1000:n1} ms, "
            + $"p99 {lags[lags.Count * 99 / 100] * 1000:n1} ms");
        await follower.WaitForAsync(writer.AppliedSequence);
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
