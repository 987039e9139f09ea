using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>What LMDB can hold, as it is usually compiled. A dump may hold more, but mdb_load stops at it.</summary>
internal static class LmdbLimits
{
    public const int LongestKey = 511;

    /// <summary>
    /// LMDB reserves the address space for the whole map at once; that much costs nothing and is seldom too little.
    /// </summary>
    private const ulong LeastMapSize = 1UL << 30;

    public static bool CanHoldKey(ReadOnlySpan<byte> key) => key.Length is > 0 and <= LongestKey;

    /// <summary>
    /// A map for this many bytes of pages here: four times as much, for pages split in the middle, rounded up to a
    /// power of two.
    /// </summary>
    public static ulong MapSizeFor(ulong pageBytes) =>
        Math.Max(LeastMapSize, System.Numerics.BitOperations.RoundUpToPowerOf2(pageBytes * 4));

    /// <summary>What keeps a name from standing in a dump, or null.</summary>
    public static string? ProblemOfName(string name) => name.AsSpan().ContainsAny('\n', '\r', '\0')
        ? $"the name of the tree '{TreeNames.Label(name)}' holds a line feed or a zero, which the format cannot: use "
            + $"--format jsonl"
        : null;
}
