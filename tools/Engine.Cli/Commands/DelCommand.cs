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
          engine del scores.db ada --tree tags                 the key with all its values
          engine del scores.db ada --tree tags --value engine  one pair
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string[]> keys = new("KEY")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "The keys; any byte may be written as \\hh, \"\" is the empty key"
        };
        Option<string?> value = new("--value")
        {
            HelpName = "VALUE",
            Description = "Of a multi-valued tree, delete only the pair of KEY and this value",
        };
        Option<string?> tree = CommonSymbols.Tree();
        Option<bool> hex = CommonSymbols.Hex("The keys and the value are given as hexadecimal digits");
        var command = new Command(
            "del",
            "Delete entries in one durable transaction; exit code 1 if one of them is absent")
            {
                file,
                keys,
                value,
                tree,
                hex
            };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            byte[][] bytes =
                [.. parsed.GetRequiredValue(keys).Select(key => CommonSymbols.Bytes(key, parsed.GetValue(hex)))];
            byte[]? valueBytes =
                parsed.GetValue(value) is { } text ? CommonSymbols.Bytes(text, parsed.GetValue(hex)) : null;
            if (valueBytes is not null && bytes.Length > 1)
                throw new UsageException("--value deletes one pair: give one KEY");
            return Run(context, parsed.GetRequiredValue(file), bytes, valueBytes, CommonSymbols.TreeName(parsed, tree));
        });
        return command;
    }

    private static int Run(CommandContext context, string file, byte[][] keys, byte[]? value, string? treeName)
    {
        using Database database = DatabaseFiles.OpenForChanging(context, file);
        using WriteTransaction transaction = database.BeginWrite();
        Tree tree = CommonSymbols.Resolve(database, treeName);
        bool isExpiring = ExpiringTrees.Is(transaction, tree);
        bool isMultiValued = MultiValuedTrees.Is(transaction[tree].GetStatistics());
        if (value is not null)
            MultiValuedTrees.Require(transaction[tree].GetStatistics(), treeName, "--value");
        var absent = new List<byte[]>();
        long deletedEntries = 0;
        foreach (byte[] key in keys)
        {
            long count = isMultiValued ? DeletePairs(transaction[database.GetMultiTree(treeName!)], key, value)
                : isExpiring ? (transaction[database.GetExpiringTree(treeName!)].Delete(key) ? 1 : 0)
                : transaction[tree].Delete(key) ? 1
                : 0;
            deletedEntries += count;
            if (count == 0)
                absent.Add(key);
        }

        if (absent.Count < keys.Length)
            transaction.Commit();
        if (absent.Count == 0)
            return ExitCode.Ok;
        if (value is not null)
        {
            ErrorReporting.Write(
                context.Error,
                $"the key '{ReadableText.Format(keys[0])}' has no value '{ReadableText.Format(value)}'");
            return ExitCode.Absent;
        }

        string others = absent.Count > 1 ? $" and {Human.Count(absent.Count - 1, "other", "others")}" : "";
        string deleted = keys.Length > 1
            ? $"; {Human.Count(deletedEntries, "entry was", "entries were")} deleted"
            : "";
        ErrorReporting.Write(context.Error, $"there is no key '{ReadableText.Format(absent[0])}'{others}{deleted}");
        return ExitCode.Absent;
    }

    private static long DeletePairs(MultiTreeWriter tree, byte[] key, byte[]? value) =>
        value is null ? tree.DeleteKey(key) : tree.Delete(key, value) ? 1 : 0;
}
