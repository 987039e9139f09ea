using Engine.Extensions.Nats.Tests.Infrastructure;
using static Engine.Extensions.Nats.Tests.Infrastructure.NodeSet;
using static Engine.Extensions.Nats.Tests.Infrastructure.ShardNodeSet;

namespace Engine.Extensions.Nats.Tests.Sharding;

/// <summary>Batches go to the shard of their keys, whoever holds it, and nowhere else.</summary>
[Category("Process")]
public class ShardRoutingTests : ShardTests
{
    [Test]
    public async Task WriteAsync_OnANodeWithAllShards_PutsEachKeyWhereTheLayoutSays()
    {
        var node = await Nodes.OpenAsync(0, 0, 1, 2, 3);
        for (var i = 0; i < 40; i++)
        {
            var outcome = await node.WriteAsync(new WriteBatch().Put("t", Bytes($"p{i}/a"), Bytes($"{i}")));
            Assert.That(outcome.IsApplied);
            Assert.That(outcome.Shard, Is.EqualTo(node.ShardOf(Bytes($"p{i}/b"))));
        }

        for (var i = 0; i < 40; i++)
        {
            Assert.That(await node.GetAsync("t", Bytes($"p{i}/a")), Is.EqualTo(Bytes($"{i}")));
        }

        Assert.That(node.Shards.Select(static shard => shard.Number), Is.EqualTo(Enumerable.Range(0, Shards)));
        Assert.That(node.Shards.Select(static shard => shard.AppliedSequence), Is.All.GreaterThan(0));
    }

    [Test]
    public async Task WriteAsync_ToAShardOfAnotherNode_IsDoneThereAndItsOutcomeComesBack()
    {
        var one = await Nodes.OpenAsync(0, 0, 1);
        var other = await Nodes.OpenAsync(1, 2, 3);
        var key = Bytes(KeyIn(one, 3, "a"));

        var first = await one.WriteAsync(new WriteBatch().ExpectAbsent("t", key).Put("t", key, "1"u8));
        var second = await one.WriteAsync(new WriteBatch().ExpectAbsent("t", key).Put("t", key, "2"u8));
        var id = Guid.NewGuid();
        var third = await one.WriteAsync(new WriteBatch(id).Put("t", key, "3"u8));
        var again = await other.WriteAsync(new WriteBatch(id).Put("t", key, "3"u8));

        Assert.That(first.Shard, Is.EqualTo(3));
        Assert.That(first.IsApplied);
        Assert.That(second.Write.Status, Is.EqualTo(WriteStatus.PreconditionFailed));
        Assert.That(second.Write.FailedPrecondition, Is.Zero);
        Assert.That(again.Write, Is.EqualTo(third.Write with { IsRepeated = true }));
        Assert.That(await other.GetAsync("t", key), Is.EqualTo("3"u8.ToArray()));
    }

    [Test]
    public async Task GetAsync_OfAShardOfAnotherNode_SaysWhoHoldsIt()
    {
        var one = await Nodes.OpenAsync(0, 0, 1);
        await Nodes.OpenAsync(1, 2, 3);

        Assert.That(
            async () => await one.GetAsync("t", Bytes(KeyIn(one, 2))),
            Throws.TypeOf<ShardNotHeldException>()
                .With.Property(nameof(ShardNotHeldException.Shard)).EqualTo(2)
                .And.Property(nameof(ShardNotHeldException.Holders)).EqualTo(new[] { "node-1" })
                .And.Message.Contains("node-1"));
        Assert.That(one.TryGetShard(2, out _), Is.False);
        Assert.That((await one.GetHoldersAsync()).SelectMany(static holders => holders), Is.EqualTo(
            new[] { "node-0", "node-0", "node-1", "node-1" }));
    }

    [Test]
    public async Task WriteAsync_ToAShardWhoseHolderIsGone_SaysWhoThatIs()
    {
        Nodes.HolderTimeout = TimeSpan.FromSeconds(3);
        var one = await Nodes.OpenAsync(0, 0, 1);
        var other = await Nodes.OpenAsync(1, 2);
        await other.DisposeAsync();

        Assert.That(
            () => one.WriteAsync(new WriteBatch().Put("t", Bytes(KeyIn(one, 2)), "1"u8)),
            Throws.TypeOf<NoHolderException>().With.Property(nameof(NoHolderException.Holders))
                .EqualTo(new[] { "node-1" }));
        Assert.That(
            () => one.WriteAsync(new WriteBatch().Put("t", Bytes(KeyIn(one, 3)), "1"u8)),
            Throws.TypeOf<NoHolderException>().With.Message.Contains("no node holds it"));
    }

    [Test]
    public async Task WriteAsync_OfABatchOverShards_NamesThemAndWritesNothing()
    {
        var node = await Nodes.OpenAsync(0, 0, 1, 2, 3);
        var here = Bytes(KeyIn(node, 1));
        var there = Bytes(KeyIn(node, 3));

        Assert.That(
            () => node.WriteAsync(new WriteBatch().ExpectAbsent("u", there).Put("t", here, "1"u8)),
            Throws.TypeOf<CrossShardException>().With.Property(nameof(CrossShardException.Shards))
                .EqualTo(new[] { 1, 3 }).And.Message.Contains("1, 3"));
        Assert.That(
            () => node.WriteAsync(new WriteBatch().DeleteFrom("t", here)),
            Throws.TypeOf<CrossShardException>().With.Property(nameof(CrossShardException.Shards))
                .EqualTo(new[] { 0, 1, 2, 3 }));
        Assert.That(
            () => node.WriteAsync(there, new WriteBatch().Put("t", here, "1"u8)),
            Throws.TypeOf<CrossShardException>());
        Assert.That(() => node.WriteAsync(new WriteBatch()), Throws.ArgumentException);
        Assert.That(node.Shards.Select(static shard => shard.AppliedSequence), Is.All.Zero);
    }

    [Test]
    public async Task WriteAsync_OfARangeWithinAPartition_DeletesIt()
    {
        var node = await Nodes.OpenAsync(0, 0, 1, 2, 3);
        await node.WriteAsync(new WriteBatch().Put("t", "ada/1"u8, "1"u8).Put("t", "ada/2"u8, "2"u8));

        var outcome = await node.WriteAsync(new WriteBatch().DeleteRange("t", "ada/"u8, "ada0"u8));
        var named = await node.WriteAsync("ada"u8, new WriteBatch().Put("t", "ada/3"u8, "3"u8));

        Assert.That(outcome.Shard, Is.EqualTo(node.Layout.ShardOfPartition("ada"u8)));
        Assert.That(named.Shard, Is.EqualTo(outcome.Shard));
        Assert.That(await node.GetAsync("t", Bytes("ada/1")), Is.Null);
        Assert.That(await node.GetAsync("t", Bytes("ada/3")), Is.Not.Null);
    }

    [Test]
    public async Task WriteAsync_OfWhatIsTooLarge_SaysSoFromAfarToo()
    {
        var one = await Nodes.OpenAsync(0, 0);
        await Nodes.OpenAsync(1, 1);
        var key = KeyIn(one, 1, "a");

        Assert.That(
            () => one.WriteAsync(new WriteBatch().Put("t", Bytes(key), new byte[300 * 1024])),
            Throws.TypeOf<BatchTooLargeException>());
        Assert.That(
            () => one.WriteAsync(new WriteBatch().Put("t", Bytes(key + new string('x', 5000)), "1"u8)),
            Throws.TypeOf<KeyTooLongException>());
        await one.WriteAsync(new WriteBatch().Put("t", Bytes(key), new byte[200 * 1024]));
    }

    [Test]
    public async Task WriteAsync_WhereKeysDoNotSayTheirPartition_TakesTheOneThatIsSaid()
    {
        await using var nodes = new ShardNodeSet(Nodes.Cluster, Shards, ShardKey.Named);
        var node = await nodes.OpenAsync(0, 0, 1, 2, 3);

        var outcome = await node.WriteAsync("ada"u8, new WriteBatch().Put("t", "x"u8, "1"u8).DeleteFrom("t", "y"u8));

        Assert.That(outcome.Shard, Is.EqualTo(node.Layout.ShardOfPartition("ada"u8)));
        Assert.That(
            () => node.WriteAsync(new WriteBatch().Put("t", "x"u8, "1"u8)), Throws.InvalidOperationException);
    }
}
