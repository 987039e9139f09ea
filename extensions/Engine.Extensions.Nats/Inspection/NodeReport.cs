namespace Engine.Extensions.Nats;

/// <summary>What a node says about itself.</summary>
public sealed record NodeReport
{
    /// <summary>Name of the node.</summary>
    public required string Node { get; init; }

    /// <summary>Identity of the log that it follows.</summary>
    public required Guid LogId { get; init; }

    /// <summary>Sequence of the last message that it has applied durably.</summary>
    public required ulong AppliedSequence { get; init; }

    /// <summary>Sequence of the last message that it knows of.</summary>
    public required ulong LastSequence { get; init; }

    /// <summary>What it is doing.</summary>
    public required ReplicaState State { get; init; }

    /// <summary>What goes wrong there; null if nothing does.</summary>
    public required string? Trouble { get; init; }

    /// <summary>Digest of all messages that it has applied, in hexadecimal digits.</summary>
    public required string History { get; init; }

    /// <summary>Sequence of the newest snapshot that it knows of; 0 if of none.</summary>
    public required ulong SnapshotSequence { get; init; }

    /// <summary>What it is to the others, where one node is the primary; null where all are alike.</summary>
    public FeedRole? Role { get; init; }

    /// <summary>The epoch that it is in, where one node is the primary; null where all are alike.</summary>
    public ulong? Epoch { get; init; }

    /// <summary>
    /// Files with commits of former primaries that are in no history but their own; null where all nodes are alike.
    /// </summary>
    public IReadOnlyList<string>? SetAside { get; init; }
}
