namespace Engine.Space;

/// <summary>Pages that became unreachable but may still belong to a pinned snapshot.</summary>
/// <param name="Pages">The pages.</param>
/// <param name="Birth">The transaction that wrote them.</param>
internal readonly record struct PendingExtent(Extent Pages, ulong Birth) : IComparable<PendingExtent>, IPlaced
{
    ulong IPlaced.FirstPage => Pages.Start;

    /// <summary>Orders entries by their first page.</summary>
    public int CompareTo(PendingExtent other) => Pages.Start.CompareTo(other.Pages.Start);
}
