namespace Engine.Extensions.Nats;

/// <summary>Which part of a key decides in which shard it lies.</summary>
public enum ShardKeyKind
{
    /// <summary>All of it: neighbours lie in different shards.</summary>
    Whole = 0,

    /// <summary>Its first so many bytes; all of it if it is shorter.</summary>
    First = 1,

    /// <summary>What is before the first byte of one value; all of it if there is none.</summary>
    Until = 2,

    /// <summary>None: each call says a partition key, which need not be in the key at all.</summary>
    Named = 3,
}
