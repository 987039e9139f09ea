namespace Engine.Extensions.Nats;

/// <summary>How a shard is, by the map and by the nodes that answered.</summary>
public sealed record ShardReport
{
    /// <summary>Its number.</summary>
    public required int Number { get; init; }

    /// <summary>Names of the nodes that hold it by the map, in order.</summary>
    public required IReadOnlyList<string> Holders { get; init; }

    /// <summary>Its log, and the nodes that answered; null if it cannot be asked.</summary>
    public required ClusterReport? Cluster { get; init; }

    /// <summary>Why it cannot be asked; null if it can.</summary>
    public required string? Trouble { get; init; }

    /// <summary>Those that hold it by the map, and do not answer.</summary>
    public IReadOnlyList<string> Silent =>
        [.. Holders.Except(Cluster?.Nodes.Select(static node => node.Node) ?? [], StringComparer.Ordinal)];

    /// <summary>
    /// Whether somebody holds it, all who do answered, none has failed, and all digests came and are equal, if they
    /// were asked for.
    /// </summary>
    public bool IsWell => Cluster is { } cluster
        && Holders.Count > 0
        && Silent.Count == 0
        && cluster.AreEqual
        && cluster.Nodes.All(static node => node.State != ReplicaState.Failed)
        && (cluster.DigestSequence is null || cluster.Digests.Count == cluster.Nodes.Count);
}
