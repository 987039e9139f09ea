using System.Globalization;
using System.Text.RegularExpressions;
using Engine.Extensions.Nats.Tests.Infrastructure;

namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>Servers, nodes in processes with clients of their own, and a witness of what the servers say.</summary>
internal sealed partial class FaultEpoch : IAsyncDisposable
{
    public const int NodeCount = 3;

    private readonly string _root = Directory.CreateTempSubdirectory("engine-faults-").FullName;
    private readonly StreamWitness _witness;

    private FaultEpoch(NatsCluster cluster, string command)
    {
        Cluster = cluster;
        Nodes = [.. Enumerable.Range(0, NodeCount).Select(index => new NodeProcess(
            Name, DirectoryOf(index), cluster.Urls, $"node-{index}", command))];
        _witness = new StreamWitness(cluster.Connect, $"ENGINE-{Name}");
    }

    public string Name { get; } = $"t{Guid.NewGuid():N}"[..16];

    public NatsCluster Cluster { get; }

    public NodeProcess[] Nodes { get; }

    /// <summary>A line for each fault that was made.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>What the clients of all nodes saw.</summary>
    public List<HistoryEvent> History => [.. Nodes.SelectMany(static node => node.History)];

    /// <summary>How many messages the servers have delivered.</summary>
    public int Messages => _witness.Count;

    /// <summary>What nodes say that the servers have lost of what they had applied.</summary>
    public IEnumerable<string> LostHistories => Nodes.SelectMany(static node => node.LostHistories);

    public static async Task<FaultEpoch> StartAsync(string command, int seed)
    {
        var epoch = new FaultEpoch(await NatsCluster.StartAsync(), command);
        Array.ForEach(epoch.Nodes, node => node.Start(seed));
        return epoch;
    }

    public string DirectoryOf(int node) => Path.Combine(_root, $"node-{node}");

    /// <summary>
    /// Ends the nodes as they are, lets the servers come to rest, and asks the witness for what they have lost.
    /// </summary>
    public async Task<StreamLoss?> FindLossAsync()
    {
        Array.ForEach(Nodes, static node => node.Kill());
        Cluster.Heal();
        await Cluster.WaitUntilReadyAsync();
        await Cluster.WaitUntilCurrentAsync();
        return await _witness.FindLossAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Whether what a node says of a lost history is explained by what the servers have lost.</summary>
    public static bool Explains(StreamLoss loss, string lostHistory) =>
        MessageNumber().Matches(lostHistory)
            .Select(static match => ulong.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))
            .DefaultIfEmpty()
            .Max() >= loss.First;

    public async ValueTask DisposeAsync()
    {
        Array.ForEach(Nodes, static node => node.Dispose());
        await _witness.DisposeAsync();
        Cluster.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [GeneratedRegex(@"(?:[Mm]essage|applied) (\d+)")]
    private static partial Regex MessageNumber();
}
