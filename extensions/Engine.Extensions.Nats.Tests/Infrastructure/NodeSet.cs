using System.Text;

namespace Engine.Extensions.Nats.Tests.Infrastructure;

/// <summary>Nodes of one replicated database, with a name of its own and a folder for each.</summary>
internal sealed class NodeSet : IAsyncDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("engine-replicas-").FullName;
    private readonly List<Replica> _open = [];

    public NodeSet(NatsCluster cluster, Func<ReplicaOptions, ReplicaOptions>? configure = null)
    {
        Cluster = cluster;
        Configure = configure ?? (static options => options);
    }

    public NatsCluster Cluster { get; }

    public string Name { get; } = $"t{Guid.NewGuid():N}"[..16];

    public Func<ReplicaOptions, ReplicaOptions> Configure { get; }

    public string DirectoryOf(int node) => Path.Combine(_root, $"node-{node}");

    public ReplicaOptions OptionsOf(int node) => Configure(new ReplicaOptions
    {
        Name = Name,
        Directory = DirectoryOf(node),
        Servers = Cluster.Urls,
        NodeName = $"node-{node}",
        Replicas = Cluster.Servers.Length,
        ProbeInterval = TimeSpan.FromMilliseconds(300),
        WriteTimeout = TimeSpan.FromSeconds(60),
        StalePatience = TimeSpan.FromSeconds(3),
    });

    public async Task<Replica> OpenAsync(int node)
    {
        var replica = await Replica.OpenAsync(OptionsOf(node));
        _open.Add(replica);
        return replica;
    }

    /// <summary>Keeps a node from applying anything, until it is disposed.</summary>
    public static IDisposable Block(Replica replica) => replica.CurrentDatabase.BeginWrite();

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _open)
        {
            await replica.DisposeAsync();
        }

        Directory.Delete(_root, recursive: true);
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string? Read(Replica replica, string tree, string key)
    {
        using var read = replica.BeginRead();
        return read.TryGetTree(replica.GetTree(tree), out var reader) && reader.TryGet(Bytes(key), out var value)
            ? Encoding.UTF8.GetString(value)
            : null;
    }
}
