using System.Diagnostics;
using Engine.Extensions.Nats.Tests.Infrastructure;
using static Engine.Extensions.Nats.Tests.Infrastructure.NodeSet;

namespace Engine.Extensions.Nats.Tests.Sharding;

/// <summary>The figures that docs/scale.md starts from; not a test of anything, and run by name only.</summary>
[Category("Process")]
[NonParallelizable]
[Explicit("It measures, and passes always.")]
public class ShardMeasurements
{
    private const int Clients = 64;
    private const int ValueLength = 100;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(8);

    [TestCase(8)]
    [TestCase(32)]
    public async Task OpenShards_AtRest_AndWrites(int shards)
    {
        await using var nodes = new ShardNodeSet(await SharedCluster.GetAsync(), shards, ShardKey.Whole);
        await using (var one = await nodes.OpenAsync(0, [.. Enumerable.Range(0, shards)]))
        {
            // Makes the streams.
        }

        var (memory, threads) = Usage();
        var begun = Stopwatch.GetTimestamp();
        var node = await nodes.OpenAsync(0);
        var opened = Stopwatch.GetElapsedTime(begun);
        await Task.Delay(TimeSpan.FromSeconds(3));
        var (memoryAfter, threadsAfter) = Usage();
        Say($"{shards} shards opened in {opened.TotalSeconds:n1} s; each "
            + $"{(memoryAfter - memory) / 1024.0 / shards:n0} KiB, "
            + $"{(threadsAfter - threads) / (double)shards:n1} threads");
        foreach (var puts in new[] { 1, 16 })
        {
            var before = node.Shards.Sum(static shard => (long)shard.AppliedSequence);
            begun = Stopwatch.GetTimestamp();
            var batches = await RunAsync(async (client, i) =>
            {
                // The keys of a batch lie together, as those of a partition do.
                var batch = new WriteBatch();
                var shard = (client + i) % shards;
                for (long key = (client * 1_000_000L) + (i * 1000L); batch.Count < puts; key++)
                {
                    if (node.ShardOf(BitConverter.GetBytes(key)) == shard)
                    {
                        batch.Put("t", BitConverter.GetBytes(key), new byte[ValueLength]);
                    }
                }

                await node.WriteAsync(batch);
            });
            var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            var messages = node.Shards.Sum(static shard => (long)shard.AppliedSequence) - before;
            Say($"{shards} shards, {Clients} clients, {puts} puts in a batch: {batches * puts / seconds:n0} puts/s, "
                + $"{messages / seconds:n0} messages/s");
        }
    }

    [Test]
    public async Task CatchUpAndBootstrap_OfOneShard()
    {
        const int Batches = 400;
        const int PutsInABatch = 1000;
        await using var nodes = new ShardNodeSet(await SharedCluster.GetAsync(), 1, ShardKey.Whole);
        var writer = await nodes.OpenAsync(0, 0);
        var random = new Random(1);
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < Batches; i += 8)
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            {
                var batch = new WriteBatch();
                var value = new byte[ValueLength];
                for (var put = 0; put < PutsInABatch; put++)
                {
                    var key = new byte[16];
                    random.NextBytes(key);
                    random.NextBytes(value);
                    batch.Put("t", key, value);
                }

                return writer.WriteAsync(batch);
            }));
        }

        Say($"wrote {Rate(begun, Batches * PutsInABatch):n0} puts/s in batches of {PutsInABatch}");
        var shard = writer.Shards[0];
        using (var read = shard.BeginRead())
        {
            var entries = read[shard.GetTree("t")].Count;
            var file = new FileInfo(Directory.GetFiles(nodes.DirectoryOf(0), "*.db", SearchOption.AllDirectories)[0]);
            Say($"{entries} entries of {16 + ValueLength} bytes in random order: a file of {file.Length / 1e6:n0} MB, "
                + $"{file.Length / (entries * (16.0 + ValueLength)):n2} for each byte");
        }

        begun = Stopwatch.GetTimestamp();
        var second = await nodes.OpenAsync(1, 0);
        await second.CatchUpAsync();
        Say($"caught up from the log: {Rate(begun, Batches * PutsInABatch):n0} puts/s");
        begun = Stopwatch.GetTimestamp();
        await shard.TakeSnapshotAsync();
        var size = await SnapshotBytesAsync(nodes);
        Say($"took a snapshot of {size / 1e6:n0} MB and read it back: {Rate(begun, size) / 1e6:n0} MB/s");
        await using var connection = nodes.Cluster.Connect();
        await new NATS.Client.JetStream.NatsJSContext(connection).PurgeStreamAsync(
            $"ENGINE-{nodes.Name}-s0",
            new NATS.Client.JetStream.Models.StreamPurgeRequest { Seq = shard.AppliedSequence });
        begun = Stopwatch.GetTimestamp();
        var third = await nodes.OpenAsync(nodes.OptionsOf(2, []));
        await third.HoldAsync(0);
        Say($"held from the snapshot: {Rate(begun, size) / 1e6:n0} MB/s");
    }

    private static async Task<long> SnapshotBytesAsync(ShardNodeSet nodes)
    {
        await using var connection = nodes.Cluster.Connect();
        var stream = await new NATS.Client.JetStream.NatsJSContext(connection)
            .GetStreamAsync($"OBJ_engine-{nodes.Name}-s0");
        return stream.Info.State.Bytes;
    }

    private static double Rate(long begun, double count) => count / Stopwatch.GetElapsedTime(begun).TotalSeconds;

    private static (long Bytes, int Threads) Usage()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return (process.WorkingSet64, process.Threads.Count);
    }

    private static async Task<long> RunAsync(Func<int, int, Task> once)
    {
        var begun = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var count = 0L;
            for (; Stopwatch.GetElapsedTime(begun) < Duration; count++)
            {
                await once(client, (int)count);
            }

            return count;
        })));
        return counts.Sum();
    }

    private static void Say(string text) =>
        TestContext.Out.WriteLine(text);
}
