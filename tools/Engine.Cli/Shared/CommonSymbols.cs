using System.CommandLine;
using System.CommandLine.Parsing;

namespace Engine.Cli.Shared;

/// <summary>
/// The arguments and options that several commands share, so that they are named and explained alike.
/// </summary>
internal static class CommonSymbols
{
    public static Argument<string> File() => Path("FILE", "The database file");

    /// <summary>
    /// An argument that is a path: an empty one, as a variable without a value leaves it, is refused before anything is
    /// done.
    /// </summary>
    public static Argument<string> Path(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        argument.Validators.Add(result => RefuseEmpty(result, name));
        return argument;
    }

    /// <summary>An option whose value is a path; an empty one is refused.</summary>
    public static Option<string?> PathOption(string name, string helpName, string description)
    {
        var option = new Option<string?>(name) { HelpName = helpName, Description = description };
        option.Validators.Add(result => RefuseEmpty(result, name));
        return option;
    }

    public static Argument<string> Key() =>
        new("KEY") { Description = "The key; any byte may be written as \\hh, \"\" is the empty key" };

    public static Option<string?> Tree() => new("--tree")
    {
        HelpName = "NAME",
        Description = "The named tree, its name written like a key; without it the default tree",
    };

    /// <summary>Whether entries of expiring trees are shown that have expired.</summary>
    public static Option<bool> Expired() =>
        new("--expired") { Description = "Of an expiring tree also what has expired and is not cleaned yet" };

    public static Option<bool> WithoutLock() => new("--without-lock")
    {
        Description = "Read without the lock file, for read-only media; only when nobody writes",
    };

    public static Option<string?> Temp() => PathOption(
        "--temp", "DIRECTORY",
            "Where a sort that 64 MiB of memory are not enough for makes its temporary file; without it beside FILE");

    public static Option<bool> Hex(string what) => new("--hex") { Description = what };

    public static Option<bool> Json(string what) => new("--json") { Description = what };

    /// <summary>For what shows typed trees.</summary>
    public static Option<bool> AsBytes() => new("--as-bytes")
    {
        Description = "Show typed keys and values as the bytes that they are; otherwise as numbers, times, tuples",
    };

    /// <summary>Bytes given on the command line.</summary>
    public static byte[] Bytes(string argument, bool hex) => hex ? Tokens.ParseHex(argument) : Tokens.Parse(argument);

    /// <summary>The name of the tree that was chosen; empty for the default tree, null if nothing was said.</summary>
    public static string? TreeName(ParseResult parsed, Option<string?> tree) =>
        parsed.GetValue(tree) is { } typed ? TreeNames.Parse(typed) : null;

    /// <summary>The tree of a name; the default tree for none.</summary>
    public static Tree Resolve(Database database, string? name) =>
        string.IsNullOrEmpty(name) ? database.Main : database.GetTree(name);

    private static void RefuseEmpty(SymbolResult result, string name)
    {
        if (result.Tokens.Any(token => token.Value.Length == 0))
            result.AddError($"{name} is empty: give a path");
    }
}
