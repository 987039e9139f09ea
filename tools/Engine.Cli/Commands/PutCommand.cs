using System.CommandLine;
using Engine.Cli.Making;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine put FILE KEY VALUE</c></summary>
internal static class PutCommand
{
    private const string Examples = """
        Examples:
          engine put scores.db alice 42
          engine put scores.db 'caf\c3\a9' ""          an é by its bytes, and an empty value
          engine put images.db logo --from logo.png    the value is the content of a file
        """;

    /// <summary>Times are kept in milliseconds.</summary>
    private const double LeastSeconds = 0.001;

    /// <summary>About a century.</summary>
    private const double MostSeconds = 3_155_760_000;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string> key = CommonSymbols.Key();
        Argument<string?> value =
            new("VALUE") { Arity = ArgumentArity.ZeroOrOne, Description = "The value, written like the key" };
        Option<string?> from =
            CommonSymbols.PathOption("--from", "PATH",
            "Take the value from a file, byte for byte; - is standard input");
        Option<string?> tree = CommonSymbols.Tree();
        Option<double?> ttl = new("--ttl")
        {
            HelpName = "SECONDS",
            Description = "In an expiring tree: how long the entry is there; without it for ever",
        };
        Option<bool> hex = CommonSymbols.Hex("KEY and VALUE are given as hexadecimal digits");
        var command = new Command(
            "put",
            "Insert or overwrite an entry, or add a pair to a multi-valued tree, durably; creates FILE and the tree if "
            + "there are none")
        {
            file, key, value, from, tree, ttl, hex,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            bool isHex = parsed.GetValue(hex);
            byte[] keyBytes = CommonSymbols.Bytes(parsed.GetRequiredValue(key), isHex);
            ReadOnlySpan<byte> valueBytes = (parsed.GetValue(value), parsed.GetValue(from)) switch
            {
                ({ } text, null) => CommonSymbols.Bytes(text, isHex),
                (null, { } path) => InputFiles.ReadAll(context, path, new LargeBuffer()),
                _ => throw new UsageException("put wants either a VALUE or --from PATH: engine put FILE KEY VALUE"),
            };
            if (parsed.GetValue(ttl) is { } asked && !(asked is >= LeastSeconds and <= MostSeconds))
                throw new UsageException(
                    $"--ttl is a number of seconds, at least {LeastSeconds} and at most {MostSeconds:F0}");
            TimeSpan? timeToLive =
                parsed.GetValue(ttl) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
            return Run(
                context,
                parsed.GetRequiredValue(file),
                keyBytes,
                valueBytes,
                CommonSymbols.TreeName(parsed, tree),
                timeToLive);
        });
        return command;
    }

    private static int Run(
        CommandContext context,
        string file,
        byte[] key,
        ReadOnlySpan<byte> value,
        string? treeName,
        TimeSpan? timeToLive)
    {
        using Database database = DatabaseFiles.OpenOrCreate(context, file);
        using WriteTransaction transaction = database.BeginWrite();
        NewTrees.Put(transaction, database, treeName, key, value, timeToLive);
        transaction.Commit();
        return ExitCode.Ok;
    }
}
