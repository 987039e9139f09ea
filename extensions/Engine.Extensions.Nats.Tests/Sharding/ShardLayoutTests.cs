using Engine.Extensions.Nats.Tests.Infrastructure;
using NATS.Client.JetStream;
using static Engine.Extensions.Nats.Tests.Infrastructure.NodeSet;

namespace Engine.Extensions.Nats.Tests.Sharding;

/// <summary>How a database is divided is decided once, and every node is held to it.</summary>
[Category("Process")]
public class ShardLayoutTests : ShardTests
{
    [Test]
    public async Task OpenAsync_WithAnotherLayout_IsRefused()
    {
        var first = await Nodes.OpenAsync(0, 0);
        await using var more = new ShardNodeSet(Nodes.Cluster, 2 * Shards);
        var options = Nodes.OptionsOf(1, [1]);

        Assert.That(
            () => ShardedReplica.OpenAsync(new ShardedReplicaOptions
            {
                Replica = options.Replica,
                ShardCount = 2 * Shards,
            }),
            Throws.TypeOf<ShardLayoutException>().With.Message.Contains("4 shards by until:2f")
                .And.Message.Contains("8 shards"));
        Assert.That(
            () => ShardedReplica.OpenAsync(new ShardedReplicaOptions
            {
                Replica = options.Replica,
                ShardCount = Shards,
                Key = ShardKey.Whole,
            }),
            Throws.TypeOf<ShardLayoutException>().With.Message.Contains("whole"));
        await using var any = await ShardedReplica.OpenAsync(
            new ShardedReplicaOptions { Replica = options.Replica, Shards = [1] });
        Assert.That(any.Layout, Is.EqualTo(first.Layout));
    }

    [Test]
    public void OpenAsync_OfADatabaseThatIsNotThere_SaysHowItIsMade()
    {
        var options = Nodes.OptionsOf(0, [0]);

        Assert.That(
            () => ShardedReplica.OpenAsync(new ShardedReplicaOptions { Replica = options.Replica }),
            Throws.TypeOf<StreamNotFoundException>().With.Message.Contains("ShardCount"));
    }

    [Test]
    public async Task OpenAsync_OfAShardAsSomethingElse_IsRefused()
    {
        await Nodes.OpenAsync(0, 0);
        await using var connection = Nodes.Cluster.Connect();
        var context = new NatsJSContext(connection);
        var stream = await context.GetStreamAsync($"ENGINE-{Nodes.Name}-s0");
        var config = stream.Info.Config;
        config.Name = $"ENGINE-{Nodes.Name}-s1";
        config.Subjects = [$"engine.{Nodes.Name}-s1.log"];
        await context.CreateStreamAsync(config);

        Assert.That(() => Nodes.OpenAsync(1, 1), Throws.TypeOf<ShardLayoutException>().With.Message.Contains("/0/4"));
        Assert.That(
            () => Replica.OpenAsync(new ReplicaOptions
            {
                Name = $"{Nodes.Name}-s0",
                Directory = Nodes.DirectoryOf(2),
                Servers = Nodes.Cluster.Urls,
            }),
            Throws.TypeOf<ShardLayoutException>().With.Message.Contains("ShardedReplica"));
    }

    [Test]
    public void OpenAsync_WithoutANameThatStays_IsRefused()
    {
        var options = new ShardedReplicaOptions
        {
            Replica = new ReplicaOptions { Name = Nodes.Name, Directory = Nodes.DirectoryOf(0) },
            ShardCount = Shards,
        };

        Assert.That(
            () => ShardedReplica.OpenAsync(options),
            Throws.ArgumentException.With.Message.Contains(nameof(ReplicaOptions.NodeName)));
    }

    [Test]
    public async Task OpenAsync_OfNodesAtOnce_AgreesOnOneLayout()
    {
        var nodes = await Task.WhenAll(Enumerable.Range(0, 3).Select(node => Nodes.OpenAsync(node, node)));

        Assert.That(nodes.Select(static node => node.Layout).Distinct().Count(), Is.EqualTo(1));
        var key = Bytes(ShardNodeSet.KeyIn(nodes[0], 2));
        await nodes[0].WriteAsync(new WriteBatch().Put("t", key, "1"u8));
        Assert.That(await nodes[2].GetAsync("t", key), Is.EqualTo("1"u8.ToArray()));
    }
}
