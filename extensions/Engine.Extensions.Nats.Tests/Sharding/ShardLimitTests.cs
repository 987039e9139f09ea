using Engine.Extensions.Nats.Tests.Faults;
using Engine.Extensions.Nats.Tests.Infrastructure;
using static Engine.Extensions.Nats.Tests.Infrastructure.NodeSet;
using static Engine.Extensions.Nats.Tests.Infrastructure.ShardNodeSet;

namespace Engine.Extensions.Nats.Tests.Sharding;

/// <summary>Shards of a node share its memory, and hold up neither each other nor other nodes.</summary>
[Category("Process")]
[NonParallelizable]
public class ShardLimitTests : ShardTests
{
    [Test]
    public async Task CatchUp_OfManyLaggingShardsWithFewSharedBytes_GetsThereAndGivesThemBack()
    {
        var writer = await Nodes.OpenAsync(0, 0, 1, 2, 3);
        var options = WithFetchedBytes(Nodes.OptionsOf(1, [0, 1, 2, 3]), 1_500_000);
        await FillAsync(writer, 60);

        var late = await Nodes.OpenAsync(options);
        await late.CatchUpAsync().WaitAsync(TimeSpan.FromSeconds(60));

        for (var shard = 0; shard < Shards; shard++)
        {
            Assert.That(await DigestAsync(late, shard), Is.EqualTo(await DigestAsync(writer, shard)));
        }

        Assert.That(() => late.Limits.Fetched.Free, Is.EqualTo(1_500_000).After(10_000, 50));
    }

    [Test]
    public async Task WriteAsync_BesideAShardThatCannotApply_GoesOnInTheOthers()
    {
        var writer = await Nodes.OpenAsync(0, 0, 1, 2, 3);
        var other = await Nodes.OpenAsync(WithFetchedBytes(Nodes.OptionsOf(1, [0, 1, 2, 3]), 1_200_000));
        Assert.That(other.TryGetShard(0, out var blocked));
        Task[] held;
        using (var block = Block(blocked!.Replica))
        {
            // It takes all that is shared of what is fetched and of what waits to be written.
            held = [.. Enumerable.Range(0, 40).Select(i => other.WriteAsync(
                new WriteBatch().Put("t", Bytes(KeyIn(other, 0, $"{i}")), new byte[200 * 1024])))];
            await FillAsync(writer, 30, from: 1).WaitAsync(TimeSpan.FromSeconds(60));
            for (var shard = 1; shard < Shards; shard++)
            {
                var outcome = await other.WriteAsync(new WriteBatch().Put("t", Bytes(KeyIn(other, shard)), "x"u8))
                    .WaitAsync(TimeSpan.FromSeconds(60));
                Assert.That(outcome.IsApplied);
            }

            Assert.That(held.Any(static one => one.IsCompleted), Is.False);
            Assert.That(blocked.Status.AppliedSequence, Is.Zero);
        }

        await Task.WhenAll(held).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.That(() => other.Limits.Fetched.Free, Is.EqualTo(1_200_000).After(10_000, 50));
        Assert.That(
            () => other.Limits.Pending.Free,
            Is.EqualTo(1024 * 1024).After(10_000, 50));
    }

    [Test]
    public async Task WriteAsync_ToAShardWithAHolderThatIsStopped_GoesToAnotherOne()
    {
        var one = await Nodes.OpenAsync(0, 0);
        await Nodes.OpenAsync(1, 1);
        using var stopped = new NodeProcess(
            Nodes.Name, Nodes.DirectoryOf(2), Nodes.Cluster.Urls, "node-2", ShardNodeProgram.Command);
        stopped.Start(0);
        stopped.Say("hold 1");
        Assert.That(() => stopped.Lines.Contains("done hold 1"), Is.True.After(60_000, 50));
        Assert.That(await one.GetHoldersAsync(1), Is.EqualTo(new[] { "node-1", "node-2" }));
        stopped.Pause();

        for (var i = 0; i < 5; i++)
        {
            var outcome = await one.WriteAsync(new WriteBatch().Put("t", Bytes(KeyIn(one, 1, $"{i}")), "x"u8))
                .WaitAsync(TimeSpan.FromSeconds(30));
            Assert.That(outcome.IsApplied);
        }
    }

    private static ShardedReplicaOptions WithFetchedBytes(ShardedReplicaOptions options, long bytes) => new()
    {
        Replica = new ReplicaOptions
        {
            Name = options.Replica.Name,
            Directory = options.Replica.Directory,
            Servers = options.Replica.Servers,
            NodeName = options.Replica.NodeName,
            ProbeInterval = options.Replica.ProbeInterval,
            WriteTimeout = options.Replica.WriteTimeout,
            MaxPendingBytes = 1024 * 1024,
        },
        ShardCount = options.ShardCount,
        Key = options.Key,
        Shards = options.Shards,
        HolderTimeout = options.HolderTimeout,
        MaxFetchedBytes = bytes,
        MaxApplying = 2,
    };

    private static async Task FillAsync(ShardedReplica node, int batches, int from = 0)
    {
        for (var shard = from; shard < Shards; shard++)
        {
            var prefix = KeyIn(node, shard);
            await Task.WhenAll(Enumerable.Range(0, batches).Select(i => node.WriteAsync(
                new WriteBatch().Put("t", Bytes($"{prefix}{i}"), new byte[(i % 4) * 60 * 1024]))));
        }
    }
}
