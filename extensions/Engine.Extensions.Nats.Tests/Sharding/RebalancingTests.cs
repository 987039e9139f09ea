using Engine.Extensions.Nats.Tests.Faults;
using Engine.Extensions.Nats.Tests.Infrastructure;
using static Engine.Extensions.Nats.Tests.Infrastructure.NodeSet;
using static Engine.Extensions.Nats.Tests.Infrastructure.ShardNodeSet;

namespace Engine.Extensions.Nats.Tests.Sharding;

/// <summary>Shards go from node to node while clients write, and nothing that was acknowledged is lost.</summary>
[Category("Process")]
public class RebalancingTests : ShardTests
{
    [Test]
    public async Task HoldAndRelease_WhileClientsWrite_LoseNothing()
    {
        var nodes = new[]
        {
            await Nodes.OpenAsync(0, 0, 1, 2, 3), await Nodes.OpenAsync(1, 0, 1), await Nodes.OpenAsync(2, 2, 3),
        };
        using var clients = new ShardClients(6, nodes);
        for (var round = 0; round < 3; round++)
        {
            for (var shard = 0; shard < Shards; shard++)
            {
                // Each shard wanders on: who does not have it takes it, and one of the others gives it up.
                var to = nodes.First(node => !node.TryGetShard(shard, out _));
                var from = nodes[(Array.IndexOf(nodes, to) + 1 + (round % 2)) % nodes.Length];
                await to.HoldAsync(shard);
                await from.ReleaseAsync(shard);
                Assert.That(from.TryGetShard(shard, out _), Is.False);
            }
        }

        await clients.EndAsync();
        TestContext.Out.WriteLine($"{clients.Count} writes");
        await AssertIsWellAsync(clients, nodes);
    }

    [Test]
    public async Task ReleaseAsync_OfTheLastHolder_IsRefusedUnlessForced()
    {
        Nodes.HolderTimeout = TimeSpan.FromSeconds(3);
        var one = await Nodes.OpenAsync(0, 0, 1, 2, 3);
        var key = Bytes(KeyIn(one, 2));
        await one.WriteAsync(new WriteBatch().Put("t", key, "1"u8));
        Assert.That(
            () => one.ReleaseAsync(2),
            Throws.TypeOf<LastHolderException>().With.Property(nameof(LastHolderException.Shard)).EqualTo(2));
        Assert.That(await one.GetAsync("t", key), Is.Not.Null, "it is still held");

        await one.ReleaseAsync(2, force: true);

        Assert.That(await one.GetHoldersAsync(2), Is.Empty);
        Assert.That(Directory.GetDirectories(Nodes.DirectoryOf(0)), Has.Length.EqualTo(Shards - 1));
        await one.HoldAsync(2);
        Assert.That(await one.GetAsync("t", key), Is.Not.Null, "the log has it");
    }

    [Test]
    public async Task ReleaseAsync_OfAllHoldersAtOnce_LeavesOne()
    {
        var nodes = await Task.WhenAll(Enumerable.Range(0, 3).Select(node => Nodes.OpenAsync(node, 0)));
        await nodes[0].WriteAsync(new WriteBatch().Put("t", Bytes(KeyIn(nodes[0], 0)), "1"u8));
        await Task.WhenAll(nodes.Select(static node => node.CatchUpAsync()));

        var released = await Task.WhenAll(nodes.Select(static async node =>
        {
            try
            {
                await node.ReleaseAsync(0);
                return true;
            }
            catch (LastHolderException)
            {
                return false;
            }
        }));

        Assert.That(released.Count(static one => one), Is.EqualTo(2));
        Assert.That(await nodes[0].GetHoldersAsync(0), Has.Count.EqualTo(1));
        Assert.That(nodes.Count(static node => node.TryGetShard(0, out _)), Is.EqualTo(1));
    }

    [Test]
    public async Task OpenAsync_OfANodeThatComesBack_HoldsWhatItHeld()
    {
        var one = await Nodes.OpenAsync(0, 0, 1);
        await Nodes.OpenAsync(1, 0, 1, 2, 3);
        await one.HoldAsync(3);
        await one.ReleaseAsync(0);
        await one.DisposeAsync();

        var back = await Nodes.OpenAsync(0);
        Assert.That(back.Shards.Select(static shard => shard.Number), Is.EqualTo(new[] { 1, 3 }));
        await back.DisposeAsync();
        await using var less = await Nodes.OpenAsync(Nodes.OptionsOf(0, [3]));

        Assert.That(await less.GetHoldersAsync(1), Is.EqualTo(new[] { "node-1" }), "the map follows the options");
        Assert.That(
            Directory.Exists(Path.Combine(Nodes.DirectoryOf(0), "shard-0001")), "what is not opened is not deleted");
    }

    [Test]
    [NonParallelizable]
    public async Task HoldAsync_OfANodeThatIsKilledMeanwhile_EndsWellWhenItIsDoneAgain()
    {
        var one = await Nodes.OpenAsync(0, 0, 1, 2, 3);
        await FillAsync(one);
        using var clients = new ShardClients(3, one);
        using var node = new NodeProcess(
            Nodes.Name, Nodes.DirectoryOf(1), Nodes.Cluster.Urls, "node-1", ShardNodeProgram.Command);
        var random = new Random(7);
        for (var round = 0; round < 6; round++)
        {
            node.Lines.Clear();
            node.Start(0);
            Wait(node, "open");
            node.Say($"hold {round % 2}");
            Wait(node, "begun");
            await Task.Delay(random.Next(400));
            node.Kill();
        }

        node.Start(0);
        foreach (var shard in new[] { 0, 1 })
        {
            node.Say($"hold {shard}");
            Wait(node, $"done hold {shard}");
        }

        await clients.EndAsync();
        await using var connection = Nodes.Cluster.Connect();
        var report = await ShardInspector.AskAsync(
            connection, Nodes.Name, withDigests: true, TimeSpan.FromSeconds(30));

        TestContext.Out.WriteLine($"{clients.Count} writes; {string.Join("; ", node.Errors)}");
        Assert.That(report.IsWell, string.Join('\n', report.Shards));
        Assert.That(report.Shards[0].Holders, Is.EqualTo(new[] { "node-0", "node-1" }));
        Assert.That(report.Shards[1].Cluster!.Digests, Has.Count.EqualTo(2));
        Assert.That(one.Shards.SelectMany(clients.Check), Is.Empty);
    }

    /// <summary>So that there are snapshots, and it takes a while to fetch one.</summary>
    private static async Task FillAsync(ShardedReplica node)
    {
        for (var shard = 0; shard < 2; shard++)
        {
            var prefix = KeyIn(node, shard);
            await Task.WhenAll(Enumerable.Range(0, 100).Select(i => node.WriteAsync(
                new WriteBatch().Put("large", Bytes($"{prefix}{i}"), new byte[200 * 1024]))));
            Assert.That(await (await node.GetShardAsync(shard)).TakeSnapshotAsync());
        }
    }

    private static void Wait(NodeProcess node, string line) => Assert.That(
        () => node.Lines.Any(said => said.StartsWith(line, StringComparison.Ordinal)) || node.HasExited,
        Is.True.After(60_000, 10),
        string.Join('\n', node.Errors));

    private async Task AssertIsWellAsync(ShardClients clients, ShardedReplica[] nodes)
    {
        await Task.WhenAll(nodes.Select(static node => node.CatchUpAsync()));
        for (var shard = 0; shard < Shards; shard++)
        {
            var holders = nodes.Where(node => node.TryGetShard(shard, out _)).ToList();
            var digests = await Task.WhenAll(holders.Select(node => DigestAsync(node, shard)));
            Assert.That(digests, Has.Length.EqualTo(2));
            Assert.That(digests.Distinct().Count(), Is.EqualTo(1));
            Assert.That(
                holders.SelectMany(node => clients.Check(node.Shards.First(one => one.Number == shard))), Is.Empty);
            Assert.That(
                await nodes[0].GetHoldersAsync(shard),
                Is.EqualTo(holders.Select(node => $"node-{Array.IndexOf(nodes, node)}")));
        }
    }
}
