namespace Engine.Extensions.Nats.Sharding;

/// <summary>How a holder answers a write of a node that does not hold the shard.</summary>
internal enum ForwardedReply : byte
{
    /// <summary>It was decided, and how.</summary>
    Decided = 0,

    /// <summary>This node cannot take it now, and did not write it: another one may.</summary>
    Elsewhere = 1,

    /// <summary>It may have been written, or not: the same batch, with its id, can be sent again.</summary>
    Unknown = 2,

    /// <summary>A key is too long.</summary>
    KeyTooLong = 3,

    /// <summary>It is larger than a message may be.</summary>
    TooLarge = 4,

    /// <summary>It is a batch for another sharded database or another shard, or none.</summary>
    Foreign = 5,
}
