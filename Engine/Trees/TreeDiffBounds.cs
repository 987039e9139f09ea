namespace Engine.Trees;

/// <summary>Between which keys a difference is looked for.</summary>
internal readonly ref struct TreeDiffBounds
{
    /// <summary>The first key, or the one before it if <see cref="IsFromExcluded"/>.</summary>
    public ReadOnlySpan<byte> From { get; init; }

    public bool IsFromExcluded { get; init; }

    /// <summary>The first key that does not belong to it, if <see cref="HasEnd"/>.</summary>
    public ReadOnlySpan<byte> To { get; init; }

    public bool HasEnd { get; init; }

    /// <summary>Whether the keys from this one on lie behind the end.</summary>
    public bool IsBehind(ReadOnlySpan<byte> key) => HasEnd && key.SequenceCompareTo(To) >= 0;
}
