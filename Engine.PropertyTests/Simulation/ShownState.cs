namespace Engine.PropertyTests.Simulation;

/// <summary>A state that somebody has seen: a reader, or whoever was told that it is committed.</summary>
/// <param name="Id">The transaction id that it was seen under.</param>
/// <param name="Digest">What it held.</param>
internal readonly record struct ShownState(ulong Id, ulong Digest)
{
    // No database has ids as high.
    private const ulong TreesBit = 1UL << 63;

    /// <summary>What was seen under an id of the trees alone, and not of what the state names.</summary>
    public static ShownState OfTrees(ulong id, ulong digest) => new(id | TreesBit, digest);
}
