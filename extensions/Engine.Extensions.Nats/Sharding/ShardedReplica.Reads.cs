using System.Diagnostics.CodeAnalysis;

namespace Engine.Extensions.Nats;

/// <content>Reading the shards that are here.</content>
public sealed partial class ShardedReplica
{
    /// <summary>A shard that this node holds.</summary>
    /// <param name="shard">Its number.</param>
    /// <param name="local">The shard, to read it.</param>
    /// <returns>False if it does not hold it, or is just taking it or giving it up.</returns>
    public bool TryGetShard(int shard, [NotNullWhen(true)] out LocalShard? local)
    {
        local = _held.TryGetValue(Checked(shard), out var held) ? held?.Shard : null;
        return local is not null;
    }

    /// <summary>A shard that this node holds, or an exception that says who does.</summary>
    /// <param name="shard">Its number.</param>
    /// <param name="cancellationToken">Ends the asking who does.</param>
    /// <exception cref="ShardNotHeldException">This node does not hold it.</exception>
    /// <exception cref="ReplicaException">It does not, and the server cannot be asked who does.</exception>
    public async ValueTask<LocalShard> GetShardAsync(int shard, CancellationToken cancellationToken = default)
    {
        RequireOpen();
        if (TryGetShard(shard, out var local))
        {
            return local;
        }

        var holders = await GetHoldersAsync(shard, cancellationToken).ConfigureAwait(false);
        var who = holders.Count == 0 ? "no node does" : $"it is held by {string.Join(", ", holders)}";
        throw new ShardNotHeldException(
            $"This node, {NodeName}, does not hold shard {shard}; {who}. Ask there, or have this node hold it "
            + "(HoldAsync).")
        {
            Shard = shard,
            Holders = holders,
        };
    }

    /// <summary>
    /// A copy of a value, as its shard has it here.
    /// </summary>
    /// <param name="tree">Name of the tree, empty for the default one.</param>
    /// <param name="key">The key, which says its partition.</param>
    /// <param name="cancellationToken">Ends the asking who holds the shard.</param>
    /// <returns>Null if there is no such key, or no such tree.</returns>
    /// <exception cref="ShardNotHeldException">This node does not hold the shard of the key.</exception>
    public async ValueTask<byte[]?> GetAsync(
        string tree, ReadOnlyMemory<byte> key, CancellationToken cancellationToken = default)
    {
        var shard = await GetShardAsync(ShardOf(key.Span), cancellationToken).ConfigureAwait(false);
        using var read = shard.BeginRead();
        if (tree.Length == 0)
        {
            return read.Main.Get(key.Span);
        }

        return read.TryGetTree(tree, out var reader) ? reader.Get(key.Span) : null;
    }

    /// <summary>
    /// Pins the newest states of all shards that are here, each at a moment of its own: shards have no common order.
    /// </summary>
    /// <exception cref="ReadersFullException">Too many read transactions and snapshots are open.</exception>
    public ShardedSnapshot OpenSnapshot()
    {
        RequireOpen();
        return new ShardedSnapshot(Shards);
    }
}
