using System.CommandLine;

namespace Engine.Cli.Shared;

/// <summary>The arguments and options that several commands share, so that they are named and explained alike.</summary>
internal static class CommonSymbols
{
    public static Argument<string> File() => new("FILE") { Description = "The database file" };

    public static Argument<string> Key() => new("KEY") { Description = "The key; any byte may be written as \\hh, \"\" is the empty key" };

    public static Option<string?> Tree() => new("--tree") { HelpName = "NAME", Description = "The named tree; without it the default tree" };

    public static Option<bool> WithoutLock() => new("--without-lock")
    {
        Description = "Read without the lock file, for read-only media; only when nobody writes",
    };

    public static Option<string?> Temp() => new("--temp")
    {
        HelpName = "DIRECTORY",
        Description = "Where a sort that 64 MiB of memory are not enough for makes its temporary file; without it beside FILE",
    };

    public static Option<bool> Hex(string what) => new("--hex") { Description = what };

    public static Option<bool> Json(string what) => new("--json") { Description = what };

    /// <summary>Bytes given on the command line.</summary>
    public static byte[] Bytes(string argument, bool hex) => hex ? Tokens.ParseHex(argument) : Tokens.Parse(argument);

    /// <summary>The tree that <c>--tree</c> names.</summary>
    public static Tree Resolve(Database database, string? name) => string.IsNullOrEmpty(name) ? database.Main : database.GetTree(name);
}
