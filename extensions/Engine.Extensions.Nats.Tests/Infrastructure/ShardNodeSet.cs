using System.Globalization;

namespace Engine.Extensions.Nats.Tests.Infrastructure;

/// <summary>Nodes of one sharded database, with a name of its own and a folder for each.</summary>
internal sealed class ShardNodeSet(NatsCluster cluster, int shardCount, ShardKey? key = null) : IAsyncDisposable
{
    private readonly NodeSet _nodes = new(cluster);
    private readonly List<ShardedReplica> _open = [];

    public NatsCluster Cluster { get; } = cluster;

    public TimeSpan HolderTimeout { get; set; } = TimeSpan.FromSeconds(10);

    public string Name => _nodes.Name;

    public string DirectoryOf(int node) => _nodes.DirectoryOf(node);

    public ShardedReplicaOptions OptionsOf(int node, IReadOnlyCollection<int>? shards) => new()
    {
        Replica = _nodes.OptionsOf(node),
        ShardCount = shardCount,
        Key = key ?? ShardKey.Until((byte)'/'),
        Shards = shards,
        HolderTimeout = HolderTimeout,
    };

    /// <summary>Opens a node with some shards; with those that its folder has, if none are named.</summary>
    public Task<ShardedReplica> OpenAsync(int node, params int[] shards) =>
        OpenAsync(OptionsOf(node, shards.Length == 0 ? null : shards));

    public async Task<ShardedReplica> OpenAsync(ShardedReplicaOptions options)
    {
        var opened = await ShardedReplica.OpenAsync(options);
        _open.Add(opened);
        return opened;
    }

    /// <summary>A key that lies in a shard.</summary>
    public static string KeyIn(ShardedReplica node, int shard, string rest = "") => Enumerable.Range(0, int.MaxValue)
        .Select(i => string.Create(CultureInfo.InvariantCulture, $"p{i}/{rest}"))
        .First(text => node.ShardOf(NodeSet.Bytes(text)) == shard);

    public static async Task<string> DigestAsync(ShardedReplica node, int shard)
    {
        var report = await (await node.GetShardAsync(shard)).ComputeDigestAsync();
        return $"{report.Sequence} {report.History} {string.Join(' ', report.Trees)}";
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _open)
        {
            await node.DisposeAsync();
        }

        await _nodes.DisposeAsync();
    }
}
