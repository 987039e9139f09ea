namespace Engine.Extensions.Nats;

/// <summary>How a replica is doing, at one moment.</summary>
public sealed record ReplicaStatus
{
    /// <summary>Name of the node.</summary>
    public required string Node { get; init; }

    /// <summary>Identity of the log: made with the stream.</summary>
    public required Guid LogId { get; init; }

    /// <summary>Sequence of the last message that is applied and durable.</summary>
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

    /// <summary>How many messages of the log are not applied yet.</summary>
    public ulong Lag => LastSequence > AppliedSequence ? LastSequence - AppliedSequence : 0;
}
