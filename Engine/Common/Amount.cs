namespace Engine;

/// <summary>Amounts are unsigned in the file and <see cref="long"/> to users, who calculate with them.</summary>
internal static class Amount
{
    /// <summary>The amount; the largest one if a damaged file says more, which no file can hold.</summary>
    public static long From(ulong value) => (long)Math.Min(value, long.MaxValue);
}
