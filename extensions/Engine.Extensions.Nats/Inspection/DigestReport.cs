namespace Engine.Extensions.Nats;

/// <summary>What a node has at a sequence: equal on all nodes at the same one.</summary>
public sealed record DigestReport
{
    /// <summary>Name of the node.</summary>
    public required string Node { get; init; }

    /// <summary>Identity of the log; empty if the node does not say it, being older.</summary>
    public Guid LogId { get; init; }

    /// <summary>The last message that is applied in the state that the digests are of.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>Digest of all messages up to it, in hexadecimal digits.</summary>
    public required string History { get; init; }

    /// <summary>
    /// By name of each tree, the default one empty. What replication keeps for itself is among them.
    /// </summary>
    public required IReadOnlyDictionary<string, TreeSummary> Trees { get; init; }

    /// <summary>Names of trees that differ from another report's, or are in one of them only.</summary>
    /// <param name="other">The other report, of the same sequence.</param>
    /// <exception cref="ArgumentException">The reports are of different sequences.</exception>
    public IReadOnlyList<string> DifferencesFrom(DigestReport other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Sequence != other.Sequence)
        {
            throw new ArgumentException(
                $"Digests at {Sequence} and {other.Sequence} cannot be compared: ask for them at one sequence.",
                nameof(other));
        }

        return [.. Trees.Keys.Union(other.Trees.Keys)
            .Where(name => Trees.GetValueOrDefault(name) != other.Trees.GetValueOrDefault(name))
            .Order(StringComparer.Ordinal)];
    }
}
