using System.CommandLine;
using System.CommandLine.Parsing;
using Engine.Bench.ControlGroups;
using Engine.Bench.Data;
using Engine.Bench.Peers;

namespace Engine.Bench.Commands;

/// <summary>Options that several commands share.</summary>
internal static class CompareOptions
{
    public static Option<long> Entries() => new("--n")
    {
        Description = "Entries in the tree: 1000000, 1e6, 100k, 10m.",
        DefaultValueFactory = _ => 1_000_000,
        CustomParser = result => ParseCount(result, "--n") ?? 0,
    };

    public static Option<int> ValueSize() => new("--value-size")
    {
        Description = "Bytes of each value: 100, 1k, 16k, 1m (binary units).",
        DefaultValueFactory = _ => 100,
        CustomParser = ParseSize,
    };

    public static Option<int> Readers() => new("--readers")
    {
        Description = "Reader threads of the mixed workloads, beside one writer.",
        DefaultValueFactory = _ => 3,
        CustomParser = ParseReaders,
    };

    public static Option<ulong> Seed() => new("--seed")
    {
        Description = "Decides keys, values and order.",
        DefaultValueFactory = _ => 1,
    };

    public static Option<string?> Directory() => new("--dir")
    {
        Description = "Where the databases go: a new directory in this one, deleted afterwards. Default: the temporary "
            + "directory, or the current one if that is memory.",
    };

    public static Option<bool> Sync() => new("--sync")
    {
        Description = "Fills, deletes and large overwrites commit durably; by default they are not flushed.",
    };

    public static Option<long?> MemoryLimit() => new("--memory-limit")
    {
        Description = "What the process may have in memory, page cache included: 256m, 1g. For data sets that do not "
            + "fit. Linux, and as root.",
        CustomParser = ParseMemoryLimit,
    };

    public static Option<long?> OperationLimit() => new("--operations")
    {
        Description = "At most so many operations per run of lookups, seeks (their entries), overwrites, deletes and "
            + "mixed workloads. Fills and scans stay whole.",
        CustomParser = result => ParseCount(result, "--operations"),
    };

    public static Option<bool> VariedValues() => new("--varied-values")
    {
        Description = "Values of different noise, which nobody can compress. By default all but 16 bytes of each value "
            + "are the same noise: cheaper to make, and a gift to engines that compress.",
    };

    /// <exception cref="BenchException">A name is unknown, or an engine is not there.</exception>
    public static IReadOnlyList<IPeer> ParsePeers(string names) =>
    [
        .. names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(PeerCatalog.Get)
    ];

    public static CommitKind Batches(bool sync) => sync ? CommitKind.Durable : CommitKind.NoFlush;

    /// <summary>
    /// A number of entries: digits, with an exponent, or with k (10^3) or m (10^6) behind them; null if it is none or
    /// out of bounds.
    /// </summary>
    public static long? ParseCount(string text) =>
        ParseNumber(text, 1e3, 1e6) is >= 100 and <= 1e9 and var count ? (long)count : null;

    /// <summary>Several such numbers, separated by commas.</summary>
    /// <exception cref="BenchException">One is none, or out of bounds.</exception>
    public static IReadOnlyList<long> ParseCounts(string text)
    {
        long[] counts =
        [
            .. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(part => ParseCount(part) ?? throw WrongCount(part))
        ];
        return counts.Length > 0 ? counts : throw WrongCount(text);

        static BenchException WrongCount(string part) =>
            new($"--n takes numbers from 100 to 10^9, separated by commas, not \"{part}\".");
    }

    private static long? ParseCount(ArgumentResult result, string option)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : string.Empty;
        if (ParseCount(text) is { } count)
        {
            return count;
        }

        result.AddError($"{option} is a number from 100 to 10^9, not \"{text}\".");
        return null;
    }

    private static int ParseSize(ArgumentResult result)
    {
        const int Longest = 256 * 1024 * 1024;
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : string.Empty;
        if (ParseNumber(text, 1 << 10, 1 << 20) is >= ValueSource.MinLength and <= Longest and var size)
        {
            return (int)size;
        }

        result.AddError($"--value-size is a number of bytes from {ValueSource.MinLength} to 256m, not \"{text}\".");
        return 0;
    }

    private static long? ParseMemoryLimit(ArgumentResult result)
    {
        const long Largest = 1L << 40;
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : string.Empty;
        if (ParseNumber(text, 1 << 10, 1 << 20, 1 << 30) is >= MemoryGroup.SmallestLimit and <= Largest and var limit)
        {
            return (long)limit;
        }

        result.AddError(
            $"--memory-limit is a number of bytes from {MemoryGroup.SmallestLimit >> 20}m (what the runtime needs is "
            + $"in it) to {Largest >> 30}g, not \"{text}\".");
        return null;
    }

    private static int ParseReaders(ArgumentResult result)
    {
        // LMDB has room for 126 readers unless told otherwise.
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : string.Empty;
        if (int.TryParse(text, out int readers) && readers is >= 1 and <= 100)
        {
            return readers;
        }

        result.AddError($"--readers is a number from 1 to 100, not \"{text}\".");
        return 0;
    }

    private static double? ParseNumber(string text, double thousand, double million, double? billion = null)
    {
        text = text.Replace("_", string.Empty, StringComparison.Ordinal);
        double factor = text.Length == 0
            ? 1
            : char.ToLowerInvariant(text[^1]) switch { 'k' => thousand, 'm' => million, 'g' => billion ?? 1, _ => 1 };
        return double.TryParse(factor == 1 ? text : text[..^1], out double number) ? number * factor : null;
    }
}
