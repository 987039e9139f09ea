namespace Engine.Integrity;

/// <summary>
/// The separators around a node: its keys are not below the lower one, and below the upper one. A node at the edge of
/// its tree has none on that side.
/// </summary>
internal readonly ref struct NodeBounds(
    ReadOnlySpan<byte> lower, bool hasLower, ReadOnlySpan<byte> upper, bool hasUpper)
{
    public ReadOnlySpan<byte> Lower { get; } = lower;

    public bool HasLower { get; } = hasLower;

    public ReadOnlySpan<byte> Upper { get; } = upper;

    public bool HasUpper { get; } = hasUpper;

    public override string ToString() =>
        $"{(HasLower ? Words.Of(Lower) : "the start")} to {(HasUpper ? Words.Of(Upper) : "the end")} (exclusive)";
}
