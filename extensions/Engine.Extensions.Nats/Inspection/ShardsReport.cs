namespace Engine.Extensions.Nats;

/// <summary>How a sharded database is.</summary>
public sealed record ShardsReport
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>How it is divided.</summary>
    public required ShardLayout Layout { get; init; }

    /// <summary>Its shards, by number.</summary>
    public required IReadOnlyList<ShardReport> Shards { get; init; }

    /// <summary>Whether all shards are well.</summary>
    public bool IsWell => Shards.All(static shard => shard.IsWell);
}
