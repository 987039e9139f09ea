using System.Diagnostics;
using System.Globalization;
using Engine.Extensions.Nats.Tests.Infrastructure;

namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>Kills, pauses and cuts off nodes and servers, from a seed.</summary>
/// <remarks>
/// Servers of 2.9 acknowledge a message before their own process has written it: one that is killed comes back without
/// the last ones, and gets them from the others. If one of those is away just then, the two that are left may go on
/// without what a majority had acknowledged. That is more than the servers promise to survive, and nodes that had
/// applied it stop, as they must. The same if it is back before the others have elected a leader, which takes them up
/// to ten seconds: it has a vote then, and gives it to one that has as little. So a fault begins when all replicas have
/// caught up with the one before, a killed server comes back when the others go on without it, and one that is missed
/// together with another one is stopped, not killed.
/// </remarks>
internal static class FaultMaking
{
    /// <summary>How long faults are made: some seconds, or as many minutes as ENGINE_NATS_MINUTES says.</summary>
    public static TimeSpan Duration =>
        double.TryParse(
            Environment.GetEnvironmentVariable("ENGINE_NATS_MINUTES"), CultureInfo.InvariantCulture, out var minutes)
            ? TimeSpan.FromMinutes(minutes)
            : TimeSpan.FromSeconds(15);

    public static int Seed => int.TryParse(
        Environment.GetEnvironmentVariable("ENGINE_SEED"), CultureInfo.InvariantCulture, out var seed)
        ? seed
        : Environment.TickCount & 0xffff;

    /// <summary>Makes faults for a time, or until a node says that the servers have lost what it had applied.</summary>
    /// <param name="cluster">The servers.</param>
    /// <param name="nodes">The nodes.</param>
    /// <param name="random">Where the faults come from.</param>
    /// <param name="time">For how long.</param>
    /// <param name="made">Gets a line for each fault.</param>
    public static async Task MakeAsync(
        NatsCluster cluster, NodeProcess[] nodes, Random random, TimeSpan time, List<string> made)
    {
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < time;)
        {
            await Task.Delay(random.Next(500, 2500));
            await cluster.WaitUntilCurrentAsync();
            if (Array.Exists(nodes, static node => !node.LostHistories.IsEmpty))
            {
                return;
            }

            var one = random.Next(nodes.Length);
            var pause = random.Next(200, 4000);
            var kind = random.Next(6);
            made.Add($"{Stopwatch.GetElapsedTime(begun):mm\\:ss\\.fff} fault {kind} of {one}, {pause} ms");
            await MakeAsync(kind, one, pause, cluster, nodes, random);
        }
    }

    private static async Task MakeAsync(
        int kind, int one, int pause, NatsCluster cluster, NodeProcess[] nodes, Random random)
    {
        switch (kind)
        {
            case 0:
                nodes[one].Kill();
                await Task.Delay(pause / 4);
                nodes[one].Start(random.Next());
                break;
            case 1:
                cluster.Servers[one].Kill();
                await Task.Delay(pause);
                await cluster.WaitUntilLedAsync();
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
                cluster.Servers[one].Pause();
                cluster.Isolate((one + 1) % nodes.Length);
                nodes[one].Kill();
                await Task.Delay(pause / 2);
                nodes[one].Start(random.Next());
                cluster.Mend();
                cluster.Servers[one].Resume();
                break;
        }
    }

    /// <summary>That all nodes have sent digests; one that has failed meanwhile says so itself.</summary>
    public static void RequireDigests(ClusterReport report, int nodes)
    {
        if (report.Digests.Count != nodes)
        {
            throw new InvalidOperationException(
                $"There are digests of {report.Digests.Count} nodes of {nodes}: {string.Join('\n', report.Nodes)}");
        }
    }

    /// <summary>Writes how the stream and the nodes are.</summary>
    public static async Task DescribeAsync(NatsCluster cluster, string name)
    {
        try
        {
            await using var connection = cluster.Connect();
            var report = await ReplicaInspector.AskAsync(
                connection, name, withDigests: false, TimeSpan.FromSeconds(20));
            TestContext.Out.WriteLine($"{report}\n{string.Join('\n', report.Nodes)}");
        }
        catch (ReplicaException e)
        {
            TestContext.Out.WriteLine(e.Message);
        }
    }

    /// <summary>Has all come to rest, and nodes stay open.</summary>
    public static async Task EndClientsAsync(NatsCluster cluster, NodeProcess[] nodes)
    {
        await cluster.WaitUntilReadyAsync();
        Array.ForEach(nodes, static node => node.EndClients());
        for (var wait = 0; wait < 600 && !nodes.All(static node => node.IsIdle || node.HasExited); wait++)
        {
            await Task.Delay(100);
        }

        if (!Array.TrueForAll(nodes, static node => node.IsIdle))
        {
            throw new InvalidOperationException("Not all nodes live and have come to rest.");
        }
    }
}
