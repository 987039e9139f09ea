namespace Engine;

/// <summary>Copies of values, made in the same way wherever users ask for them.</summary>
internal static class Copied
{
    /// <summary>Copies a value that was looked for, if it was found and the destination is long enough.</summary>
    public static GetResult To(Span<byte> destination, bool isFound, ReadOnlySpan<byte> value, out int valueLength)
    {
        valueLength = value.Length;
        if (!isFound)
        {
            return GetResult.NotFound;
        }

        return value.TryCopyTo(destination) ? GetResult.Found : GetResult.DestinationTooSmall;
    }
}
