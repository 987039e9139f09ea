using System.CommandLine;

namespace Engine.Cli.Records;

/// <summary>The names of the policies.</summary>
internal static class DuplicatePolicies
{
    public const string Help = """
        Several values of one key (LMDB's DUPSORT), with --duplicates:
          keep     a multi-valued tree, which must have a name (without the option)
          fail     stop with an error where a key has a second value
          first    keep the first value; last: the last one
          list     one entry a key: all values, each behind its length (u32, little-endian)
          pairs    one entry a pair: key, value and the length of the key (u16, big-endian) make the key, the value is empty;
                   scan --prefix KEY finds the values
        """;

    private static readonly string[] Names = ["keep", "fail", "first", "last", "list", "pairs"];

    public static Option<string?> Option()
    {
        Option<string?> option = new("--duplicates")
        {
            HelpName = string.Join('|', Names),
            Description = "What becomes of several values of one key"
        };
        option.AcceptOnlyFromAmong(Names);
        return option;
    }

    public static DuplicatePolicy FromName(string? name) => (DuplicatePolicy)Math.Max(0, Array.IndexOf(Names, name));
}
