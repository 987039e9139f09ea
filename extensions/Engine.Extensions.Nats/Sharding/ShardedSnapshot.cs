using Engine.Extensions.Nats.Sharding;

namespace Engine.Extensions.Nats;

/// <summary>
/// States of all shards that a node held when it was opened, to scan them together in the order of keys. Thread-safe;
/// dispose it when done. A shard that the node releases meanwhile cannot be read any more.
/// </summary>
public sealed class ShardedSnapshot : IDisposable
{
    private readonly List<PinnedShard> _shards = [];

    internal ShardedSnapshot(IReadOnlyList<LocalShard> shards)
    {
        try
        {
            foreach (var shard in shards)
            {
                _shards.Add(PinnedShard.Open(shard));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The shards that it has, by number.</summary>
    public IReadOnlyList<int> Shards => [.. _shards.Select(static shard => shard.Number)];

    /// <summary>
    /// The entries of a tree with from ≤ key &lt; to in all these shards, ascending; where the same key is in several
    /// shards (<see cref="ShardKey.Named"/>), by number of the shard. Each entry is copied once, into memory that is
    /// used again, because cursors of several databases cannot be kept side by side; nothing is allocated for an entry.
    /// </summary>
    /// <param name="tree">
    /// Name of the tree, empty for the default one. Shards that do not have it have no entries.
    /// </param>
    /// <param name="from">The first key; empty for all from the beginning.</param>
    /// <param name="to">The first one behind the range; null for all to the end.</param>
    public ShardScan Scan(string tree, byte[]? from = null, byte[]? to = null)
    {
        ArgumentNullException.ThrowIfNull(tree);
        return new ShardScan(_shards, tree, from ?? [], to);
    }

    /// <summary>Gives the states up. Disposing again does nothing.</summary>
    public void Dispose()
    {
        foreach (var shard in _shards)
        {
            shard.Snapshot.Dispose();
        }
    }
}
