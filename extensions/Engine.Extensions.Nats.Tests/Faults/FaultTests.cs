using System.Diagnostics;
using System.Globalization;
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

    /// <summary>How long faults are made: half a minute, or as many minutes as ENGINE_NATS_MINUTES says.</summary>
    private static TimeSpan Duration =>
        double.TryParse(
            Environment.GetEnvironmentVariable("ENGINE_NATS_MINUTES"), CultureInfo.InvariantCulture, out var minutes)
            ? TimeSpan.FromMinutes(minutes)
            : TimeSpan.FromSeconds(25);

    private static int Seed => int.TryParse(
        Environment.GetEnvironmentVariable("ENGINE_SEED"), CultureInfo.InvariantCulture, out var seed)
        ? seed
        : Environment.TickCount & 0xffff;

    [Test]
    public async Task Histories_UnderFaultsOfAllKinds_AreExplainedByTheFinalState()
    {
        NatsCluster.RequireProgram();
        var seed = Seed;
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
            var faults = await MakeFaultsAsync(cluster, nodes, new Random(seed));
            await EndClientsAsync(cluster, nodes);

            await using var last = await Replica.OpenAsync(
                FaultyNode.OptionsOf(set.Name, set.DirectoryOf(Nodes), cluster.Urls, "last"));
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

    private static async Task<int> MakeFaultsAsync(NatsCluster cluster, NodeProcess[] nodes, Random random)
    {
        var begun = Stopwatch.GetTimestamp();
        var faults = 0;
        for (; Stopwatch.GetElapsedTime(begun) < Duration; faults++)
        {
            await Task.Delay(random.Next(500, 2500));
            var one = random.Next(Nodes);
            var pause = random.Next(200, 4000);
            switch (random.Next(6))
            {
                case 0:
                    nodes[one].Kill();
                    await Task.Delay(pause / 4);
                    nodes[one].Start(random.Next());
                    break;
                case 1:
                    cluster.Servers[one].Kill();
                    await Task.Delay(pause);
                    cluster.Servers[one].Start();
                    break;
                case 2:
                    nodes[one].Pause();
                    await Task.Delay(pause);
                    nodes[one].Resume();
                    break;
                case 3:
                    cluster.Servers[one].Pause();
                    await Task.Delay(pause);
                    cluster.Servers[one].Resume();
                    break;
                case 4:
                    cluster.Isolate(one);
                    await Task.Delay(pause);
                    cluster.Mend();
                    break;
                default:
                    // Without a quorum for a while, and a node that dies in it.
                    cluster.Servers[one].Kill();
                    cluster.Isolate((one + 1) % Nodes);
                    nodes[one].Kill();
                    await Task.Delay(pause / 2);
                    nodes[one].Start(random.Next());
                    cluster.Mend();
                    cluster.Servers[one].Start();
                    break;
            }
        }

        return faults;
    }

    private static async Task EndClientsAsync(NatsCluster cluster, NodeProcess[] nodes)
    {
        await cluster.WaitUntilReadyAsync();
        Array.ForEach(nodes, static node => node.EndClients());
        for (var wait = 0; wait < 600 && !nodes.All(static node => node.IsIdle || node.HasExited); wait++)
        {
            await Task.Delay(100);
        }

        Assert.That(nodes.Select(static node => node.IsIdle), Is.All.True, "all nodes live and come to rest");
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
