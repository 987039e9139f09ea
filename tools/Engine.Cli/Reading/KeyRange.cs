using Engine.Integrity;

namespace Engine.Cli.Reading;

/// <summary>The keys from one (included) to another (excluded); a missing bound is no bound.</summary>
internal sealed record KeyRange(byte[]? From, byte[]? To)
{
    public static readonly KeyRange All = new(null, null);

    public bool Contains(ReadOnlySpan<byte> key) =>
        (From is null || key.SequenceCompareTo(From) >= 0) && (To is null || key.SequenceCompareTo(To) < 0);

    public bool Overlaps(scoped in NodeBounds bounds) =>
        (From is null || !bounds.HasUpper || bounds.Upper.SequenceCompareTo(From) > 0)
        && (To is null || !bounds.HasLower || bounds.Lower.SequenceCompareTo(To) < 0);

    /// <summary>The range of exactly one key.</summary>
    public static KeyRange Of(ReadOnlySpan<byte> key) => new(key.ToArray(), [.. key, 0]);

    public static KeyRange Of(scoped in NodeBounds bounds) =>
        new(bounds.HasLower ? bounds.Lower.ToArray() : null, bounds.HasUpper ? bounds.Upper.ToArray() : null);

    /// <summary>Both ranges as one; null if keys lie between them.</summary>
    /// <param name="next">A range that does not begin before this one.</param>
    public KeyRange? TryJoin(KeyRange next)
    {
        if (To is not null && next.From is not null && next.From.AsSpan().SequenceCompareTo(To) > 0)
            return null;
        bool isLonger = To is not null && (next.To is null || next.To.AsSpan().SequenceCompareTo(To) > 0);
        return isLonger ? this with { To = next.To } : this;
    }
}
