using Engine.Extensions.Nats.Sharding;
using NATS.Client.Core;

namespace Engine.Extensions.Nats;

/// <summary>Asks how a sharded database is; is no node of it. Thread-safe.</summary>
public static class ShardInspector
{
    private const int AskedAtOnce = 16;

    /// <summary>
    /// Reads the map, and asks the nodes of every shard, as <see cref="ReplicaInspector"/> does for one.
    /// </summary>
    /// <param name="connection">A connection to the servers.</param>
    /// <param name="name">Name of the sharded database.</param>
    /// <param name="withDigests">Whether nodes are to compute digests; each reads all that it has for that.</param>
    /// <param name="wait">
    /// How long to wait for the digests of a shard. For nodes that are silent it is waited a second at the most.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="NoServerException">No server can be reached.</exception>
    /// <exception cref="NoQuorumException">There are too few servers.</exception>
    /// <exception cref="StreamNotFoundException">There is no sharded database of that name.</exception>
    public static async Task<ShardsReport> AskAsync(
        INatsConnection connection,
        string name,
        bool withDigests,
        TimeSpan wait,
        CancellationToken cancellationToken = default)
    {
        var (names, map) = await OpenAsync(connection, name, cancellationToken).ConfigureAwait(false);
        var shards = new ShardReport[map.Layout.ShardCount];
        await Parallel.ForAsync(
            0,
            shards.Length,
            new ParallelOptions { MaxDegreeOfParallelism = AskedAtOnce, CancellationToken = cancellationToken },
            async (number, token) => shards[number] = await AskShardAsync(
                connection, names, map, number, withDigests, wait, token).ConfigureAwait(false))
            .ConfigureAwait(false);
        return new ShardsReport { Name = name, Layout = map.Layout, Shards = shards };
    }

    /// <summary>
    /// Takes a node that will not come back out of the map. One that does come back puts itself in again.
    /// </summary>
    /// <param name="connection">A connection to the servers.</param>
    /// <param name="name">Name of the sharded database.</param>
    /// <param name="node">Name of the node.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The shards that it held by the map.</returns>
    /// <exception cref="ReplicaException">As for <see cref="AskAsync"/>.</exception>
    public static async Task<IReadOnlyList<int>> ForgetAsync(
        INatsConnection connection, string name, string node, CancellationToken cancellationToken = default)
    {
        var (_, map) = await OpenAsync(connection, name, cancellationToken).ConfigureAwait(false);
        var holders = await map.GetAllAsync(cancellationToken).ConfigureAwait(false);
        int[] held = [.. Enumerable.Range(0, holders.Count).Where(shard => holders[shard].Contains(node))];
        foreach (var shard in held)
        {
            await map.RemoveAsync(shard, node, needsAnother: false, cancellationToken).ConfigureAwait(false);
        }

        return held;
    }

    private static async Task<(ShardNames Names, ShardMap Map)> OpenAsync(
        INatsConnection connection, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ShardNames.Validate(name);
        var names = new ShardNames(name);
        return (
            names,
            await ShardMap.OpenAsync(connection, names, proposal: null, replicas: 0, cancellationToken)
                .ConfigureAwait(false));
    }

    private static async Task<ShardReport> AskShardAsync(
        INatsConnection connection,
        ShardNames names,
        ShardMap map,
        int number,
        bool withDigests,
        TimeSpan wait,
        CancellationToken cancellationToken)
    {
        var holders = await map.GetAsync(number, cancellationToken).ConfigureAwait(false);
        try
        {
            var cluster = await ReplicaInspector.AskAsync(
                connection,
                names.ReplicaOf(number),
                withDigests && holders.Count > 0,
                wait,
                answers => !holders.Except(answers.Select(static node => node.Node)).Any(),
                cancellationToken).ConfigureAwait(false);
            return new ShardReport { Number = number, Holders = holders, Cluster = cluster, Trouble = null };
        }
        catch (ReplicaException e)
        {
            // Of a shard that nobody has held yet there is no stream.
            return new ShardReport { Number = number, Holders = holders, Cluster = null, Trouble = e.Message };
        }
    }
}
