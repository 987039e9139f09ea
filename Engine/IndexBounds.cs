namespace Engine;

/// <summary>What a range of an index shows: between which of the index's entries.</summary>
internal readonly struct IndexBounds(in EncodedBounds bounds, RangeEnd end, bool isFromExcluded = false)
{
    public readonly EncodedBounds Bounds = bounds;
    public readonly RangeEnd End = end;
    public readonly bool IsFromExcluded = isFromExcluded;

    /// <summary>No entry at all.</summary>
    public static IndexBounds Nothing => new(default, RangeEnd.Below);

    public static IndexBounds From(in EncodedBound from) =>
        new(new EncodedBounds { From = from }, RangeEnd.None);

    public static IndexBounds Prefix(in EncodedBound prefix) =>
        new(new EncodedBounds { From = prefix, To = prefix }, RangeEnd.Prefix);

    /// <summary>The same without the entries before a bound, and the bound itself if it is excluded.</summary>
    public IndexBounds After(in EncodedBound from, bool isExcluded)
    {
        if (!RangeScope.IsAfter(from.Bytes, Bounds.From.Bytes, IsFromExcluded || !isExcluded))
        {
            return this;
        }

        var bounds = Bounds;
        bounds.From = from;
        return new(bounds, End, isExcluded);
    }

    /// <summary>The same without the entries from a bound on.</summary>
    public IndexBounds Before(in EncodedBound to)
    {
        if (!RangeScope.IsBefore(to.Bytes, Bounds.To.Bytes, End))
        {
            return this;
        }

        var bounds = Bounds;
        bounds.To = to;
        return new(bounds, RangeEnd.Below, IsFromExcluded);
    }
}
