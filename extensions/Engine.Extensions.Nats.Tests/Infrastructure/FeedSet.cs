using System.Text;

namespace Engine.Extensions.Nats.Tests.Infrastructure;

/// <summary>Nodes of one database with a primary, with a name of its own and a folder for each.</summary>
internal sealed class FeedSet(NatsCluster cluster) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _root = Directory.CreateTempSubdirectory("engine-feeds-").FullName;
    private readonly List<FeedNode> _open = [];

    public NatsCluster Cluster { get; } = cluster;

    public string Name { get; } = $"f{Guid.NewGuid():N}"[..16];

    public string DirectoryOf(int node) => Path.Combine(_root, $"node-{node}");

    public string FileOf(int node, int number = 1) => Path.Combine(DirectoryOf(node), $"{Name}-{number}.db");

    public FeedNodeOptions OptionsOf(
        int node,
        string? servers = null,
        bool mayLead = true,
        int maxMessage = 256 * 1024,
        ulong kept = 10_000,
        TimeSpan? writeTimeout = null,
        TimeSpan? lease = null,
        TimeSpan? drain = null,
        TimeSpan? snapshots = null) => new()
        {
            Name = Name,
            Directory = DirectoryOf(node),
            Servers = servers ?? Cluster.Urls,
            NodeName = $"node-{node}",
            Replicas = Cluster.Servers.Length,
            MayLead = mayLead,
            MaxMessageBytes = maxMessage,
            MaxFetchedMessages = 8,
            MaxBackoff = TimeSpan.FromMilliseconds(300),
            RequestTimeout = TimeSpan.FromSeconds(1),
            WriteTimeout = writeTimeout ?? Patience,
            ProbeInterval = TimeSpan.FromMilliseconds(300),
            SnapshotInterval = snapshots ?? TimeSpan.FromMinutes(10),
            KeptMessages = kept,
            LeaseDuration = TimeSpan.FromSeconds(3),
            PrimaryLease = lease ?? TimeSpan.FromSeconds(2),
            DrainTimeout = drain ?? TimeSpan.FromSeconds(5),
            StalePatience = TimeSpan.FromSeconds(5),
            RetireDelay = TimeSpan.FromSeconds(1),
            Database = new DatabaseOptions { TransactionMemory = 1024 * 1024 },
        };

    public Task<FeedNode> OpenAsync(int node, bool mayLead = true) => OpenAsync(OptionsOf(node, mayLead: mayLead));

    public async Task<FeedNode> OpenAsync(FeedNodeOptions options)
    {
        var node = await FeedNode.OpenAsync(options);
        _open.Add(node);
        return node;
    }

    /// <summary>A node that is the primary.</summary>
    public async Task<FeedNode> OpenPrimaryAsync(int node)
    {
        var opened = await OpenAsync(node);
        await opened.WaitForPrimaryAsync().WaitAsync(Patience);
        return opened;
    }

    /// <summary>Waits until a follower has all that the primary has published, and compares them.</summary>
    public static async Task RequireEqualAsync(FeedNode primary, FeedNode follower)
    {
        await follower.CatchUpAsync().WaitAsync(Patience);
        var (expected, found) = (await primary.ComputeDigestAsync(), await follower.ComputeDigestAsync());
        Assert.That(found.Sequence, Is.EqualTo(expected.Sequence));
        Assert.That(found.History, Is.EqualTo(expected.History));
        Assert.That(found.DifferencesFrom(expected), Is.Empty);
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    public static string? Read(FeedNode node, string tree, string key) => Read(node.Database, tree, key);

    public static string? Read(Database database, string tree, string key)
    {
        using var read = database.BeginRead();
        return read.TryGetTree(database.GetTree(tree), out var reader)
            && reader.TryGet(Encoding.UTF8.GetBytes(key), out var value)
            ? Encoding.UTF8.GetString(value)
            : null;
    }

    public static void Put(WriteTransaction tx, string tree, string key, string value) =>
        tx[tx.CreateTree(tree)].Put(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _open)
        {
            await node.DisposeAsync();
        }

        Directory.Delete(_root, recursive: true);
    }
}
