using System.CommandLine;
using System.CommandLine.Parsing;
using Engine.Bench.Peers;

namespace Engine.Bench.Commands;

/// <summary>Options that several commands share.</summary>
internal static class CompareOptions
{
    public static Option<long> Entries() => new("--n")
    {
        Description = "Entries in the tree: 1000000, 1e6, 100k, 10m.",
        DefaultValueFactory = _ => 1_000_000,
        CustomParser = ParseCount,
    };

    public static Option<ulong> Seed() => new("--seed")
    {
        Description = "Decides keys, values and order.",
        DefaultValueFactory = _ => 1,
    };

    public static Option<string?> Directory() => new("--dir")
    {
        Description = "Where the databases go: a new directory in this one, deleted afterwards. Default: the temporary directory, or the current one if that is memory.",
    };

    public static Option<bool> Sync() => new("--sync")
    {
        Description = "Fills, deletes and large overwrites commit durably; by default they are not flushed.",
    };

    public static CommitKind Batches(bool sync) => sync ? CommitKind.Durable : CommitKind.NoFlush;

    private static long ParseCount(ArgumentResult result)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value.Replace("_", string.Empty, StringComparison.Ordinal) : string.Empty;
        double factor = text.Length == 0 ? 1 : char.ToLowerInvariant(text[^1]) switch { 'k' => 1e3, 'm' => 1e6, _ => 1 };
        if (double.TryParse(factor == 1 ? text : text[..^1], out double number) && number * factor is >= 100 and <= 1e9)
        {
            return (long)(number * factor);
        }

        result.AddError($"--n is a number from 100 to 10^9, not \"{text}\".");
        return 0;
    }
}
