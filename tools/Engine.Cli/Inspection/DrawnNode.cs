namespace Engine.Cli.Inspection;

/// <summary>A node of a tree as <c>tree</c> draws it.</summary>
internal sealed class DrawnNode
{
    public required ulong Page { get; init; }

    public required int Level { get; init; }

    /// <summary>Entries of a leaf, children of a branch.</summary>
    public int Count { get; init; }

    public double Fill { get; init; }

    /// <summary>The separator before it; null at the left edge of its parent.</summary>
    public byte[]? Separator { get; init; }

    /// <summary>The keys of a leaf's first and last entry.</summary>
    public (byte[] First, byte[] Last)? Keys { get; init; }

    /// <summary>Why the page cannot be shown; null if it can.</summary>
    public string? Problem { get; init; }

    /// <summary>Its children, or the first and the last ones of them.</summary>
    public List<DrawnNode> Children { get; } = [];

    /// <summary>How many of <see cref="Children"/> stand before those that are left out.</summary>
    public int OmittedAt { get; set; }

    public int Omitted { get; set; }
}
