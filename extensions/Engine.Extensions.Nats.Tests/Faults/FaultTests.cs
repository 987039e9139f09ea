using Engine.Extensions.Nats.Tests.Infrastructure;

namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>
/// Clients on three nodes write and read while nodes and servers are killed, paused and cut off at random; then all
/// nodes must have the same, and all that clients saw must be explained by it.
/// </summary>
[Category("Process")]
[NonParallelizable]
public class FaultTests
{
    private const int Nodes = 3;

    [Test]
    public async Task Histories_UnderFaultsOfAllKinds_AreExplainedByTheFinalState()
    {
        NatsCluster.RequireProgram();
        var seed = FaultMaking.Seed;
        TestContext.Out.WriteLine($"ENGINE_SEED={seed}");
        using var cluster = await NatsCluster.StartAsync();
        await using var set = new NodeSet(cluster);
        var nodes = Enumerable.Range(0, Nodes)
            .Select(index => new NodeProcess(set.Name, set.DirectoryOf(index), cluster.Urls, $"node-{index}"))
            .ToArray();
        try
        {
            Array.ForEach(nodes, node => node.Start(seed));
            Assert.That(() => nodes.All(static node => !node.History.IsEmpty), Is.True.After(60_000, 100));
            var faults = await FaultMaking.MakeAsync(cluster, nodes, new Random(seed));
            await FaultMaking.EndClientsAsync(cluster, nodes);

            await using var last = await FaultyNode.OpenAsync(
                set.Name, set.DirectoryOf(Nodes), cluster.Urls, "last");
            await last.CatchUpAsync();
            await using var connection = cluster.Connect();
            var report = await ReplicaInspector.AskAsync(
                connection, set.Name, withDigests: true, TimeSpan.FromSeconds(30));
            var history = nodes.SelectMany(static node => node.History).ToList();
            TestContext.Out.WriteLine($"{faults} faults, {history.Count} events, {report.LastSequence} messages");

            Assert.That(report.Digests, Has.Count.EqualTo(Nodes + 1));
            Assert.That(report.AreEqual, string.Join('\n', report.Digests));
            Assert.That(HistoryChecker.Check(history, FaultyNode.CounterOf(last), KeysOf(last)), Is.Empty);
            Assert.That(history, Has.Count.GreaterThan(50));
        }
        catch
        {
            TestContext.Out.WriteLine(string.Join('\n', nodes.SelectMany(static node => node.Errors).Take(100)));
            throw;
        }
        finally
        {
            Array.ForEach(nodes, static node => node.Dispose());
        }
    }

    private static HashSet<long> KeysOf(Replica replica)
    {
        var keys = new HashSet<long>();
        using var read = replica.BeginRead();
        foreach (var (key, _) in read[replica.GetTree(FaultyNode.Tree)].All())
        {
            if (key.Length == sizeof(long))
            {
                keys.Add(BitConverter.ToInt64(key));
            }
        }

        return keys;
    }
}
