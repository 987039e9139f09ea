using System.Globalization;
using Engine.Extensions.Nats;

namespace Engine.ReplicaTool.Planning;

/// <summary>
/// Places the shards as <see cref="ShardPlacement"/> does, takes nodes and racks away and adds one, and counts what
/// that means.
/// </summary>
internal sealed class ShardPlan
{
    private readonly List<PlacementNode> _nodes;

    public ShardPlan(PlanInput input)
    {
        Input = input;
        _nodes = [.. Enumerable.Range(0, input.Nodes).Select(NodeOf)];
        Placement = Place(_nodes);
        Loads = LoadsOf(_nodes, Placement);
        Joined = Compare(Place([.. _nodes, NodeOf(input.Nodes)]));
        var lost = _nodes.MaxBy(node => Loads[node.Name]);
        LostNode = Compare(Place([.. _nodes.Where(node => node != lost)]));
        LeftWithoutRack = SurvivorsOf(rack => rack.Key.Length > 0);
        LeftWithoutNode = Input.Copies - 1;
    }

    public PlanInput Input { get; }

    /// <summary>By shard, the nodes that hold it.</summary>
    public IReadOnlyList<IReadOnlyList<PlacementNode>> Placement { get; }

    /// <summary>By name of a node, how many shards it holds.</summary>
    public IReadOnlyDictionary<string, int> Loads { get; }

    /// <summary>What moves when a node is added.</summary>
    public Movement Joined { get; }

    /// <summary>What moves when the node that holds most is lost.</summary>
    public Movement LostNode { get; }

    /// <summary>Copies that every shard still has without any one node.</summary>
    public int LeftWithoutNode { get; }

    /// <summary>Copies that every shard still has without any one rack; null if there are no racks.</summary>
    public int? LeftWithoutRack { get; }

    public double MeanLoad => Loads.Values.Average();

    public int MaxLoad => Loads.Values.Max();

    public int MinLoad => Loads.Values.Min();

    public double EntriesOfShard => Input.Entries / Input.Shards;

    public double BytesOfShard => EntriesOfShard * Input.EntryBytes * Input.FileFactor;

    public double SnapshotOfShard => EntriesOfShard * Input.EntryBytes * Input.SnapshotFactor;

    public double WritesOfStream => Input.Writes / Input.Shards;

    public double MessagesOfStream => WritesOfStream / Input.PutsPerMessage;

    /// <summary>A log, a bucket and an object store for each shard, and the map.</summary>
    public int Streams => (3 * Input.Shards) + 1;

    /// <summary>Groups of Raft that each server takes part in, on the average.</summary>
    public double GroupsOfServer => (double)Streams * Input.StreamReplicas / Input.Servers;

    /// <summary>Bytes that each server keeps: two snapshots and the log of each shard.</summary>
    public double BytesOfServer =>
        ((2 * SnapshotOfShard) + ((Input.SnapshotAfter + Input.Kept) * Input.PutsPerMessage * Input.EntryBytes))
        * Input.Shards * Input.StreamReplicas / Input.Servers;

    /// <summary>Seconds between two snapshots of a shard; infinite if nothing is written.</summary>
    public double SnapshotInterval => Input.SnapshotAfter / MessagesOfStream;

    /// <summary>Bytes a second of snapshots that all nodes send to the servers.</summary>
    public double SnapshotRate => Input.Writes > 0 ? SnapshotOfShard * Input.Shards / SnapshotInterval : 0;

    /// <summary>Questions a second how far a stream is.</summary>
    public double Probes => (double)Input.Shards * Input.Copies / Input.ProbeInterval;

    /// <summary>Bytes of memory of a node that holds most.</summary>
    public double MemoryOfNode => (MaxLoad * Input.ShardMemory) + Input.SharedMemory;

    /// <summary>
    /// Seconds until all shards of a movement are where they go: what takes longer, the node that gets most, or the
    /// servers that give it all.
    /// </summary>
    public double SecondsOf(Movement movement) => Math.Max(
        movement.MostOfOneNode * SnapshotOfShard / Input.RestoreRate,
        movement.Shards * SnapshotOfShard / (Input.ServerRate * Input.Servers));

    private static Dictionary<string, int> LoadsOf(
        IEnumerable<PlacementNode> nodes, IReadOnlyList<IReadOnlyList<PlacementNode>> placement)
    {
        var loads = nodes.ToDictionary(static node => node.Name, static _ => 0, StringComparer.Ordinal);
        foreach (var holder in placement.SelectMany(static holders => holders))
        {
            loads[holder.Name]++;
        }

        return loads;
    }

    private PlacementNode NodeOf(int index) => new(
        string.Create(CultureInfo.InvariantCulture, $"s{Input.Seed}-node-{index:d3}"),
        Input.Racks == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"rack-{index % Input.Racks}"));

    private IReadOnlyList<IReadOnlyList<PlacementNode>> Place(IReadOnlyCollection<PlacementNode> nodes) =>
        ShardPlacement.Place(nodes, Input.Shards, Input.Copies, Input.MaxLoad);

    private Movement Compare(IReadOnlyList<IReadOnlyList<PlacementNode>> after)
    {
        var moved = after.SelectMany((holders, shard) => holders.Except(Placement[shard])).ToList();
        var receivers = moved.GroupBy(static node => node.Name).ToList();
        return new Movement(
            moved.Count, receivers.Count, receivers.Select(static node => node.Count()).DefaultIfEmpty().Max());
    }

    private int? SurvivorsOf(Func<IGrouping<string, PlacementNode>, bool> isGroup)
    {
        var groups = _nodes.GroupBy(static node => node.Rack).Where(isGroup).Select(static rack => rack.Key).ToList();
        return groups.Count == 0
            ? null
            : groups.Min(rack => Placement.Min(holders => holders.Count(holder => holder.Rack != rack)));
    }
}
