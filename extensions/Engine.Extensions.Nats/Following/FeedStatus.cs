namespace Engine.Extensions.Nats;

/// <summary>How a <see cref="FeedNode"/> is doing, at one moment.</summary>
public sealed record FeedStatus
{
    /// <summary>Name of the node.</summary>
    public required string Node { get; init; }

    /// <summary>Identity of the feed: made with the stream.</summary>
    public required Guid LogId { get; init; }

    /// <summary>What it is to the others.</summary>
    public required FeedRole Role { get; init; }

    /// <summary>The epoch that it is in: how often a node has become the primary, as far as it has applied.</summary>
    public required ulong Epoch { get; init; }

    /// <summary>
    /// Id of the last state that is applied here, or, on the primary, published: a transaction id of the primary of
    /// that epoch.
    /// </summary>
    public required ulong StateId { get; init; }

    /// <summary>Sequence of the last message that is applied and durable; on the primary, published.</summary>
    public required ulong AppliedSequence { get; init; }

    /// <summary>Sequence of the last message that the stream is known to have.</summary>
    public required ulong LastSequence { get; init; }

    /// <summary>When the stream took the last message that is applied; null before the first.</summary>
    public required DateTimeOffset? AppliedTime { get; init; }

    /// <summary>A digest of all messages that were applied: equal on all nodes at the same sequence.</summary>
    public required UInt128 History { get; init; }

    /// <summary>What it is doing.</summary>
    public required ReplicaState State { get; init; }

    /// <summary>What goes wrong, if something does.</summary>
    public required Exception? Trouble { get; init; }

    /// <summary>
    /// Paths of databases in the node's directory that hold commits which were never published: those that this node
    /// had made as a primary when another one took over. Delete them when they are not needed any more.
    /// </summary>
    public required IReadOnlyList<string> SetAside { get; init; }

    /// <summary>How many messages of the stream are not applied yet.</summary>
    public ulong Lag => LastSequence > AppliedSequence ? LastSequence - AppliedSequence : 0;
}
