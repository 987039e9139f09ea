using Engine.Extensions.Nats.Tests.Infrastructure;
using Engine.ReplicaTool;
using static Engine.Extensions.Nats.Tests.Infrastructure.NodeSet;
using static Engine.Extensions.Nats.Tests.Infrastructure.ShardNodeSet;

namespace Engine.Extensions.Nats.Tests.Sharding;

/// <summary>What the tool says of sharded databases.</summary>
[Category("Process")]
public class ShardToolTests : ShardTests
{
    [Test]
    public async Task Shards_OfNodes_SaysWhoHoldsWhatAndWhetherItIsEqual()
    {
        var one = await Nodes.OpenAsync(0, 0, 1, 2, 3);
        var other = await Nodes.OpenAsync(1, 1, 2);
        await one.WriteAsync(new WriteBatch().Put("t", Bytes(KeyIn(one, 1)), "1"u8));

        var (exitCode, output) = await RunAsync(
            "shards", Nodes.Name, "--servers", Nodes.Cluster.Urls, "--digests");
        Assert.That(exitCode, Is.EqualTo(App.Ok), output);
        Assert.That(output, Does.Contain("4 shards by until:2f"));
        Assert.That(output, Does.Match(@"1: messages 1 to 2; node-0 at \d+ lag \d+.*, node-1 at .*; at 2 equal on 2"));
        Assert.That(output, Does.Contain("node-0: holds 4").And.Contain("node-1: holds 2"));

        await other.DisposeAsync();
        var (ill, silent) = await RunAsync("shards", Nodes.Name, "--servers", Nodes.Cluster.Urls);
        Assert.That(ill, Is.EqualTo(App.Different));
        Assert.That(silent, Does.Contain("2: NOT WELL").And.Contain("node-1 silent").And.Contain("2 shards are NOT"));

        var (_, forgotten) = await RunAsync(
            "shards", Nodes.Name, "--servers", Nodes.Cluster.Urls, "--forget", "node-1");
        Assert.That(forgotten, Does.Contain("it held 1, 2"));
        Assert.That(await one.GetHoldersAsync(2), Is.EqualTo(new[] { "node-0" }));
    }

    [Test]
    public async Task Digest_OfFoldersOfNodes_ComparesTheShardsOfOneLog()
    {
        var one = await Nodes.OpenAsync(0, 0, 1);
        var other = await Nodes.OpenAsync(1, 1);
        var outcome = await one.WriteAsync(new WriteBatch().Put("t", Bytes(KeyIn(one, 1)), "1"u8));
        await one.WriteAsync(new WriteBatch().Put("t", Bytes(KeyIn(one, 0)), "other"u8));
        Assert.That(other.TryGetShard(1, out var shard));
        await shard!.WaitForAsync(outcome.Sequence);

        var (exitCode, output) = await RunAsync("digest", Nodes.DirectoryOf(0), Nodes.DirectoryOf(1));

        Assert.That(exitCode, Is.EqualTo(App.Ok), output);
        var logs = output.Split('\n').Count(static line => line.StartsWith("log ", StringComparison.Ordinal));
        Assert.That(logs, Is.EqualTo(2));
        Assert.That(output, Does.Match(@"at 1: equal in .*shard-0001.*, .*shard-0001"));
    }

    [Test]
    public async Task Plan_OfAHundredNodes_IsTheOneOfTheDocument()
    {
        var (exitCode, output) = await RunAsync("plan", "--racks", "5", "--max-load", "1.1");

        Assert.That(exitCode, Is.EqualTo(App.Ok), output);
        Assert.That(output, Does.Match(@"shards on a node \(min, mean, max\)\s+8, 15\.4, 17"));
        Assert.That(output, Does.Match(@"copies left without a node, a rack\s+2, 2"));
        Assert.That(output, Does.Match(@"a node joins\s+26 copies, .* to 10 nodes"));
    }

    [Test]
    public async Task Plan_OfWhatWillNotDo_SaysWhy()
    {
        var (exitCode, output) = await RunAsync(
            "plan", "--nodes", "3", "--shards", "16", "--racks", "1", "--writes", "1e6");

        Assert.That(exitCode, Is.EqualTo(App.Different));
        Assert.That(output, Does.Contain("! a stream").And.Contain("! the fullest node").And.Contain("rack"));
        Assert.That((await RunAsync("plan", "--entries", "many")).ExitCode, Is.Not.Zero);
        Assert.That((await RunAsync("plan", "--copies", "300")).ExitCode, Is.EqualTo(App.Failed));
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        var exitCode = await App.RunAsync(arguments, output, output);
        return (exitCode, output.ToString());
    }
}
