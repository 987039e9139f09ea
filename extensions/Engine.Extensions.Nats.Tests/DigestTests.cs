using Engine.Extensions.Nats.Tests.Infrastructure;
using static Engine.Extensions.Nats.Tests.Infrastructure.NodeSet;

namespace Engine.Extensions.Nats.Tests;

/// <summary>Nodes are compared at one sequence, whatever is written meanwhile.</summary>
[Category("Process")]
public class DigestTests : NodeTests
{
    private static readonly string[] OnlyU = ["u"];

    [Test]
    public async Task AskAsync_WhileNodesWrite_GetsEqualDigestsAtOneSequence()
    {
        var nodes = new[] { await Nodes.OpenAsync(0), await Nodes.OpenAsync(1), await Nodes.OpenAsync(2) };
        using var ending = new CancellationTokenSource();
        var writing = Task.WhenAll(nodes.Select((node, index) => Task.Run(async () =>
        {
            for (var i = 0; !ending.IsCancellationRequested; i++)
            {
                await node.WriteAsync(new WriteBatch().Put($"t{index}", Bytes($"{i % 50}"), Bytes($"{i}")));
            }
        })));
        await nodes[0].WaitForAsync(20);

        var reports = new List<ClusterReport>();
        for (var i = 0; i < 3; i++)
        {
            reports.Add(await AskAsync(withDigests: true));
        }

        await ending.CancelAsync();
        await writing;
        foreach (var report in reports)
        {
            var names = string.Join(' ', report.Nodes.Select(static node => node.Node));
            Assert.That(names, Is.EqualTo("node-0 node-1 node-2"));
            Assert.That(report.Digests, Has.Count.EqualTo(3));
            Assert.That(report.Digests.Select(static digest => digest.Sequence), Is.All.EqualTo(report.DigestSequence));
            Assert.That(report.AreEqual);
        }
    }

    [Test]
    public async Task AskAsync_AfterSomebodyWroteBesideTheLog_NamesTheTree()
    {
        var one = await Nodes.OpenAsync(0);
        await one.WriteAsync(new WriteBatch().Put("t", "a"u8, "1"u8).Put("u", "a"u8, "1"u8));
        var other = await Nodes.OpenAsync(1);
        await other.CatchUpAsync();
        await other.DisposeAsync();
        using (var database = Database.Open(Path.Combine(Nodes.DirectoryOf(1), $"{Nodes.Name}-1.db")))
        {
            database.Write(tx => tx[database.GetTree("u")].Put("a"u8, "2"u8));
        }

        await Nodes.OpenAsync(1);
        var report = await AskAsync(withDigests: true);

        Assert.That(report.Digests, Has.Count.EqualTo(2));
        Assert.That(report.AreEqual, Is.False);
        Assert.That(report.Digests[1].DifferencesFrom(report.Digests[0]), Is.EqualTo(OnlyU));
    }

    [Test]
    public async Task AskAsync_WithoutDigests_SaysHowFarNodesAre()
    {
        var node = await Nodes.OpenAsync(0);
        var outcome = await node.WriteAsync(new WriteBatch().Put("t", "a"u8, "1"u8));

        var report = await AskAsync(withDigests: false);

        Assert.That(report.LastSequence, Is.EqualTo(outcome.Sequence));
        Assert.That(report.Nodes.Single().AppliedSequence, Is.EqualTo(outcome.Sequence));
        Assert.That(report.Nodes.Single().State, Is.EqualTo(ReplicaState.Current));
        Assert.That(report.DigestSequence, Is.Null);
    }

    private async Task<ClusterReport> AskAsync(bool withDigests)
    {
        await using var connection = Nodes.Cluster.Connect();
        return await ReplicaInspector.AskAsync(connection, Nodes.Name, withDigests, TimeSpan.FromSeconds(20));
    }
}
