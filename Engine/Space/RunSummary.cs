namespace Engine.Space;

/// <summary>
/// What a node of the run tree knows about its pages: enough to find runs that cross the border to its neighbours.
/// </summary>
/// <param name="Prefix">Free pages at its start.</param>
/// <param name="Suffix">Free pages at its end.</param>
/// <param name="Longest">The longest run of free pages within.</param>
internal readonly record struct RunSummary(uint Prefix, uint Suffix, uint Longest)
{
    /// <summary>The summary of two neighbours of <paramref name="size"/> pages each.</summary>
    public static RunSummary Join(RunSummary left, RunSummary right, ulong size) => new(
        left.Prefix == size ? left.Prefix + right.Prefix : left.Prefix,
        right.Suffix == size ? right.Suffix + left.Suffix : right.Suffix,
        Math.Max(Math.Max(left.Longest, right.Longest), left.Suffix + right.Prefix));
}
