namespace OrdersCluster.Node;

/// <summary>What a node is told, in the section <c>Cluster</c> of its configuration.</summary>
internal sealed record NodeSettings
{
    /// <summary>Name of the replicated database.</summary>
    public string Database { get; init; } = "orders";

    /// <summary>Name of this node.</summary>
    public string Node { get; init; } = "node";

    /// <summary>Where its copy is.</summary>
    public string Directory { get; init; } = "data";

    /// <summary>The servers of NATS, separated by commas.</summary>
    public string Servers { get; init; } = "nats://127.0.0.1:4222";

    /// <summary>How long a request waits for what its sender has seen elsewhere.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A node that is further behind says that it is not healthy.</summary>
    public ulong MaxLag { get; init; } = 10_000;
}
