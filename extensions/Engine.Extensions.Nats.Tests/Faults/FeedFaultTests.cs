using System.Globalization;
using Engine.Extensions.Nats.Tests.Infrastructure;

namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>
/// Nodes in processes of their own, one of which leads, are killed, stopped and cut off while clients write on
/// whichever leads; then all must have the same, and what was published to clients must be in it, in one order.
/// </summary>
[Category("Process")]
[NonParallelizable]
public class FeedFaultTests
{
    private const int Nodes = FaultEpoch.NodeCount;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Test]
    public Task Histories_UnderFaultsOfAllKinds_AreExplainedByTheFinalState() => FaultCampaign.RunAsync(
        FaultyFeedNode.Command,
        static async epoch => await WaitForEventsAsync(await PrimaryOfAsync(epoch.Nodes), 5),
        static epoch => CompareAsync(
            epoch.Cluster, epoch.Name, epoch.DirectoryOf(FaultEpoch.NodeCount), epoch.Nodes));

    [Test]
    public async Task Primary_KilledAgainAndAgainUnderLoad_LosesNothingThatWasPublished()
    {
        var cluster = await SharedCluster.GetAsync();
        await RunAsync(cluster, FaultMaking.Seed, async nodes =>
        {
            for (var round = 0; round < 4; round++)
            {
                var primary = await PrimaryOfAsync(nodes);
                await WaitForEventsAsync(primary, 10);
                primary.Kill();
                await PrimaryOfAsync(nodes);
                primary.Start(round);
            }
        });
    }

    [Test]
    public async Task Primary_StoppedBeyondItsLease_IsFencedWhenItGoesOn()
    {
        var cluster = await SharedCluster.GetAsync();
        await RunAsync(cluster, FaultMaking.Seed, async nodes =>
        {
            for (var round = 0; round < 2; round++)
            {
                var stopped = await PrimaryOfAsync(nodes);
                await WaitForEventsAsync(stopped, 10);
                stopped.Pause();
                var next = await PrimaryOfAsync([.. nodes.Where(node => node != stopped)]);
                await WaitForEventsAsync(next, 10);
                stopped.Resume();
                await FeedSet.UntilAsync(() => stopped.Role != nameof(FeedRole.Primary));
                await WaitForEventsAsync(next, 10);
            }
        });
    }

    [Test]
    public async Task Follower_KilledWhileItApplies_GoesOnWhereItWas()
    {
        var cluster = await SharedCluster.GetAsync();
        await RunAsync(cluster, FaultMaking.Seed, async nodes =>
        {
            for (var round = 0; round < 4; round++)
            {
                var primary = await PrimaryOfAsync(nodes);
                await WaitForEventsAsync(primary, 5);
                foreach (var follower in nodes.Where(node => node != primary))
                {
                    follower.Kill();
                }

                await WaitForEventsAsync(primary, 20);
                foreach (var follower in nodes.Where(node => node != primary))
                {
                    follower.Start(round);
                }
            }
        });
    }

    private static async Task RunAsync(NatsCluster cluster, int seed, Func<NodeProcess[], Task> make)
    {
        await using var set = new FeedSet(cluster);
        var nodes = Enumerable.Range(0, Nodes)
            .Select(index => new NodeProcess(
                set.Name, set.DirectoryOf(index), cluster.Urls, $"node-{index}", FaultyFeedNode.Command))
            .ToArray();
        try
        {
            Array.ForEach(nodes, node => node.Start(seed));
            await WaitForEventsAsync(await PrimaryOfAsync(nodes), 5);
            await make(nodes);
            await FaultMaking.EndClientsAsync(cluster, nodes);
            await CompareAsync(cluster, set.Name, set.DirectoryOf(Nodes), nodes);
        }
        catch
        {
            await FaultMaking.DescribeAsync(cluster, set.Name);
            foreach (var node in nodes)
            {
                TestContext.Out.WriteLine($"errors of a node: {string.Join('\n', node.Errors.Take(40))}");
            }

            throw;
        }
        finally
        {
            Array.ForEach(nodes, static node => node.Dispose());
        }
    }

    private static async Task CompareAsync(
        NatsCluster cluster, string name, string directory, NodeProcess[] nodes)
    {
        await PrimaryOfAsync(nodes);
        await using var last = await FaultyFeedNode.OpenAsync(
            FaultyFeedNode.OptionsOf(name, directory, cluster.Urls, "last"));
        await last.CatchUpAsync();
        await using var connection = cluster.Connect();
        var report = await ReplicaInspector.AskAsync(connection, name, withDigests: true, Patience);
        for (var attempt = 0; report.Digests.Count < Nodes + 1 && attempt < 5; attempt++)
        {
            // The primary may have gone just now.
            report = await ReplicaInspector.AskAsync(connection, name, withDigests: true, Patience);
        }

        FaultMaking.RequireDigests(report, Nodes + 1);
        await last.WaitForAsync(report.DigestSequence!.Value);
        var history = nodes.SelectMany(static node => node.History).ToList();
        TestContext.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{history.Count} events, {report.LastSequence} messages, epoch {last.Status.Epoch}, "
            + $"{report.Nodes.Sum(static node => node.SetAside!.Count)} set aside"));

        Assert.That(report.AreEqual, string.Join('\n', report.Digests));
        Assert.That(
            HistoryChecker.Check(history, FaultyFeedNode.CounterOf(last), StoppedNodes.KeysOf(last.Database)),
            Is.Empty);
    }

    private static async Task<NodeProcess> PrimaryOfAsync(NodeProcess[] nodes)
    {
        NodeProcess? primary = null;
        await FeedSet.UntilAsync(() =>
        {
            primary = Array.Find(nodes, static node => node.Role == nameof(FeedRole.Primary));
            return primary is not null;
        });
        return primary!;
    }

    private static async Task WaitForEventsAsync(NodeProcess node, int count)
    {
        var before = node.History.Count;
        await FeedSet.UntilAsync(() => node.History.Count >= before + count || node.Role != nameof(FeedRole.Primary));
    }
}
