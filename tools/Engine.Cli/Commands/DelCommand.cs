using System.CommandLine;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine del FILE KEY...</c></summary>
internal static class DelCommand
{
    private const string Examples = """
        Examples:
          engine del scores.db alice
          engine del scores.db alice bob carol
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string[]> keys = new("KEY")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "The keys; any byte may be written as \\hh, \"\" is the empty key"
        };
        Option<string?> tree = CommonSymbols.Tree();
        Option<bool> hex = CommonSymbols.Hex("The keys are given as hexadecimal digits");
        var command = new Command(
            "del",
            "Delete entries in one durable transaction; exit code 1 if one of them is absent")
            {
                file,
                keys,
                tree,
                hex
            };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            byte[][] bytes =
                [.. parsed.GetRequiredValue(keys).Select(key => CommonSymbols.Bytes(key, parsed.GetValue(hex)))];
            return Run(context, parsed.GetRequiredValue(file), bytes, CommonSymbols.TreeName(parsed, tree));
        });
        return command;
    }

    private static int Run(CommandContext context, string file, byte[][] keys, string? treeName)
    {
        using Database database = DatabaseFiles.OpenForChanging(context, file);
        using WriteTransaction transaction = database.BeginWrite();
        Tree tree = CommonSymbols.Resolve(database, treeName);
        var absent = new List<byte[]>();
        foreach (byte[] key in keys)
        {
            if (!transaction[tree].Delete(key))
                absent.Add(key);
        }

        if (absent.Count < keys.Length)
            transaction.Commit();
        if (absent.Count == 0)
            return ExitCode.Ok;

        string others = absent.Count > 1 ? $" and {Human.Count(absent.Count - 1, "other", "others")}" : "";
        string deleted = keys.Length > 1
            ? $"; {Human.Count(keys.Length - absent.Count, "entry was", "entries were")} deleted"
            : "";
        ErrorReporting.Write(context.Error, $"there is no key '{ReadableText.Format(absent[0])}'{others}{deleted}");
        return ExitCode.Absent;
    }
}
