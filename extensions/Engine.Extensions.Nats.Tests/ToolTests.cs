using Engine.Extensions.Nats.Tests.Infrastructure;
using Engine.ReplicaTool;
using OrdersCluster.Launching;

namespace Engine.Extensions.Nats.Tests;

/// <summary>What the tool says of nodes that are equal, and of some that are not.</summary>
[Category("Process")]
public class ToolTests : NodeTests
{
    [Test]
    public async Task Status_OfEqualNodes_SaysSo()
    {
        var node = await Nodes.OpenAsync(0);
        await Nodes.OpenAsync(1);
        var outcome = await node.WriteAsync(new WriteBatch().Put("t", "a"u8, "1"u8));

        var (exitCode, output) = await RunAsync(
            "status", Nodes.Name, "--servers", Nodes.Cluster.Urls, "--digests");

        Assert.That(exitCode, Is.Zero);
        Assert.That(output, Does.Contain($"node-0: applied {outcome.Sequence}"));
        Assert.That(output, Does.Contain($"at {outcome.Sequence + 1}: equal on 2 nodes"));
        Assert.That(output, Does.Contain("  t: 1 entries, "));
    }

    [Test]
    public async Task Status_OfAPrimaryWithFollowers_SaysWhoIsWhat()
    {
        await using var feed = new FeedSet(Nodes.Cluster);
        var primary = await feed.OpenPrimaryAsync(0);
        var follower = await feed.OpenAsync(1);
        await primary.WriteAsync(static tx => FeedSet.Put(tx, "t", "a", "1"));
        await follower.CatchUpAsync();

        var (exitCode, output) = await RunAsync("status", feed.Name, "--servers", feed.Cluster.Urls, "--digests");

        Assert.That(exitCode, Is.Zero, output);
        Assert.That(output, Does.Contain($"node-0: primary in epoch 1, applied {primary.AppliedSequence - 1}"));
        Assert.That(output, Does.Contain("node-1: follower in epoch 1, "));
        Assert.That(output, Does.Contain($"at {primary.AppliedSequence}: equal on 2 nodes"));
        Assert.That(output, Does.Contain("  t: 1 entries, "));
    }

    [Test]
    public async Task Digest_OfFilesThatDiffer_NamesTheTreeAndTheFiles()
    {
        var one = await Nodes.OpenAsync(0);
        var other = await Nodes.OpenAsync(1);
        var outcome = await one.WriteAsync(new WriteBatch().Put("t", "a"u8, "1"u8).Put("u", "a"u8, "1"u8));
        await other.WaitForAsync(outcome.Sequence);
        await other.DisposeAsync();
        var files = new[] { FileOf(0), FileOf(1) };

        var (equal, _) = await RunAsync(["digest", .. files]);
        using (var database = Database.Open(files[1]))
        {
            database.Write(tx => tx[database.GetTree("u")].Put("a"u8, "2"u8));
        }

        var (different, output) = await RunAsync(["digest", .. files]);

        Assert.That(equal, Is.EqualTo(App.Ok), "one of them is open");
        Assert.That(different, Is.EqualTo(App.Different));
        Assert.That(output, Does.Contain("NOT EQUAL").And.Match($@"  u: 1 entries, \w+ on {files[1]}"));
        Assert.That(output, Does.Match(@"  t: 1 entries, \w+\r?\n"));
    }

    [Test]
    public async Task Status_WithoutAServer_SaysSo()
    {
        var nobody = $"nats://127.0.0.1:{Ports.Take()}";

        var (exitCode, output) = await RunAsync("status", "x", "--servers", nobody);

        Assert.That(exitCode, Is.EqualTo(App.Failed));
        Assert.That(output, Does.Contain("--servers"));
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        var exitCode = await App.RunAsync(arguments, output, output);
        return (exitCode, output.ToString());
    }

    private string FileOf(int node) => Path.Combine(Nodes.DirectoryOf(node), $"{Nodes.Name}-1.db");
}
