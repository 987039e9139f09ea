namespace Engine.Extensions.Nats.Following;

/// <summary>What a message of a feed is.</summary>
internal enum FeedKind : byte
{
    /// <summary>None of this package: it changes nothing.</summary>
    Foreign = 0,

    /// <summary>A node becomes the primary.</summary>
    Epoch = 1,

    /// <summary>A part of the difference of two states.</summary>
    Part = 2,

    /// <summary>A place at which nodes compute digests.</summary>
    Mark = 3,
}
