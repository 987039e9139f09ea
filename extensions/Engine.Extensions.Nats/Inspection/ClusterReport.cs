namespace Engine.Extensions.Nats;

/// <summary>How the nodes of a replicated database are, and whether they have the same.</summary>
public sealed record ClusterReport
{
    /// <summary>Name of the replicated database.</summary>
    public required string Name { get; init; }

    /// <summary>Identity of the log.</summary>
    public required Guid LogId { get; init; }

    /// <summary>First message that the stream has.</summary>
    public required ulong FirstSequence { get; init; }

    /// <summary>Last message that the stream has.</summary>
    public required ulong LastSequence { get; init; }

    /// <summary>Bytes of the messages that the stream has.</summary>
    public required long Bytes { get; init; }

    /// <summary>The nodes that answered, by name.</summary>
    public required IReadOnlyList<NodeReport> Nodes { get; init; }

    /// <summary>Digests of those that came in time, all at one sequence; empty if none were asked for.</summary>
    public required IReadOnlyList<DigestReport> Digests { get; init; }

    /// <summary>The sequence of the digests; null if none were asked for.</summary>
    public required ulong? DigestSequence { get; init; }

    /// <summary>Whether all digests that came are equal. With none or one they are.</summary>
    public bool AreEqual => Digests.All(digest =>
        digest.History == Digests[0].History && digest.DifferencesFrom(Digests[0]).Count == 0);
}
