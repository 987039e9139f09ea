using System.Buffers.Binary;
using System.Text;
using Engine.Pages;

namespace Engine.Extensions.Nats;

/// <summary>
/// Says which nodes are to hold which shards, by rendezvous hashing: each node has a score for each shard, and those
/// with the highest hold it, in different racks as far as there are enough. It follows from the names alone, so that
/// all who ask get the same; when a node comes or goes, no shard moves but to or from that node. Nothing is moved by
/// this: <see cref="ShardedReplica.HoldAsync"/> and <see cref="ShardedReplica.ReleaseAsync"/> do that.
/// </summary>
public static class ShardPlacement
{
    /// <summary>
    /// The score of a node for a shard: the XXH64, with the seed 0, of the UTF-8 bytes of the node's name, followed by
    /// the number of the shard in four bytes, little-endian.
    /// </summary>
    /// <param name="node">Name of the node.</param>
    /// <param name="shard">Number of the shard.</param>
    public static ulong Score(string node, int shard)
    {
        ArgumentNullException.ThrowIfNull(node);
        var length = Encoding.UTF8.GetByteCount(node);
        var bytes = new byte[length + sizeof(int)];
        Encoding.UTF8.GetBytes(node, bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(length), shard);
        return XxHash64.Hash(bytes);
    }

    /// <summary>The nodes that are to hold a shard, the one with the highest score first.</summary>
    /// <param name="nodes">All nodes; names are different.</param>
    /// <param name="shard">Number of the shard.</param>
    /// <param name="copies">How many are to hold it; all of them if there are fewer.</param>
    public static IReadOnlyList<PlacementNode> HoldersOf(
        IReadOnlyCollection<PlacementNode> nodes, int shard, int copies)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentOutOfRangeException.ThrowIfNegative(copies);
        return Choose(nodes, shard, copies, static _ => true);
    }

    /// <summary>The shards that a node is to hold, ascending.</summary>
    /// <param name="nodes">All nodes; names are different.</param>
    /// <param name="node">Name of the node.</param>
    /// <param name="shardCount">How many shards there are.</param>
    /// <param name="copies">How many nodes are to hold each.</param>
    public static IReadOnlyList<int> ShardsOf(
        IReadOnlyCollection<PlacementNode> nodes, string node, int shardCount, int copies) =>
        [.. Enumerable.Range(0, shardCount)
            .Where(shard => HoldersOf(nodes, shard, copies).Any(holder => holder.Name == node))];

    /// <summary>
    /// The same for all shards, with a limit to how many one node holds: a node that has as many is passed over for the
    /// one with the next highest score. It is more even, and a few more shards move when a node comes or goes. The
    /// limit gives way where nobody else is left.
    /// </summary>
    /// <param name="nodes">All nodes; names are different.</param>
    /// <param name="shardCount">How many shards there are.</param>
    /// <param name="copies">How many nodes are to hold each; all of them if there are fewer.</param>
    /// <param name="maxLoad">
    /// How many times the average a node may hold, for example 1.1; at least 1. Infinity for no limit.
    /// </param>
    public static IReadOnlyList<IReadOnlyList<PlacementNode>> Place(
        IReadOnlyCollection<PlacementNode> nodes, int shardCount, int copies, double maxLoad = double.PositiveInfinity)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLoad, 1);
        var limit = Math.Ceiling((double)shardCount * Math.Min(copies, nodes.Count) / nodes.Count * maxLoad);
        var loads = nodes.ToDictionary(static node => node.Name, static _ => 0, StringComparer.Ordinal);
        var placed = new List<IReadOnlyList<PlacementNode>>(shardCount);
        for (var shard = 0; shard < shardCount; shard++)
        {
            var holders = Choose(nodes, shard, copies, node => loads[node.Name] < limit);
            holders.ForEach(node => loads[node.Name]++);
            placed.Add(holders);
        }

        return placed;
    }

    /// <summary>
    /// By score, first those in racks of their own; a rack of its own counts for more than the limit.
    /// </summary>
    private static List<PlacementNode> Choose(
        IReadOnlyCollection<PlacementNode> nodes, int shard, int copies, Func<PlacementNode, bool> hasRoom)
    {
        var ranked = Rank(nodes, shard);
        var chosen = new List<PlacementNode>(copies);
        foreach (var (inOwnRack, withRoom) in new[] { (true, true), (true, false), (false, true), (false, false) })
        {
            foreach (var node in ranked)
            {
                if (chosen.Count < copies
                    && !chosen.Contains(node)
                    && (!withRoom || hasRoom(node))
                    && (!inOwnRack || node.Rack.Length == 0 || chosen.TrueForAll(one => one.Rack != node.Rack)))
                {
                    chosen.Add(node);
                }
            }
        }

        return chosen;
    }

    private static List<PlacementNode> Rank(IReadOnlyCollection<PlacementNode> nodes, int shard) =>
        [.. nodes.Select(node => (Node: node, Score: Score(node.Name, shard)))
            .OrderByDescending(static one => one.Score)
            .ThenBy(static one => one.Node.Name, StringComparer.Ordinal)
            .Select(static one => one.Node)];
}
