namespace Engine.Space;

/// <summary>Consecutive pages.</summary>
/// <param name="Start">The first page.</param>
/// <param name="Length">How many pages; never zero in a list of extents.</param>
internal readonly record struct Extent(ulong Start, ulong Length) : IComparable<Extent>, IPlaced
{
    /// <summary>The page behind the last one.</summary>
    public ulong End => Start + Length;

    ulong IPlaced.FirstPage => Start;

    /// <summary>Orders extents by their first page.</summary>
    public int CompareTo(Extent other) => Start.CompareTo(other.Start);
}
