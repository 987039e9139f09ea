using System.CommandLine;
using Engine.Cli.Making;
using Engine.Cli.Shared;
using Engine.Transactions;

namespace Engine.Cli.Commands;

/// <summary><c>engine create FILE TREE</c></summary>
internal static class CreateCommand
{
    private const string Examples = """
        Examples:
          engine create scores.db users
          engine create scores.db ranking --counted
          engine create scores.db tags --multi-valued
          engine create scores.db by-day --multi-valued --key-size 4 --counted
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string> name = new("TREE") { Description = "The tree's name; any byte may be written as \\hh" };
        Option<bool> counted = new("--counted")
        {
            Description = "It counts its entries, for rank, at and count: chosen now, it cannot be changed later",
        };
        Option<bool> multiValued = new("--multi-valued")
        {
            Description = "A key may have many values, in order: chosen now, too",
        };
        Option<int?> keySize = new("--key-size")
        {
            HelpName = "BYTES",
            Description = "With --multi-valued: all keys have this length, and take less room",
        };
        Option<bool> expiring = new("--expiring")
        {
            Description = "Its entries can expire: put --ttl says when; not with the others",
        };
        var command = new Command(
            "create",
            "Create a named tree, and FILE if there is none; a tree of the same kind that is there stays as it is")
        {
            file, name, counted, multiValued, keySize, expiring,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            string tree = TreeNames.Parse(parsed.GetRequiredValue(name));
            if (tree.Length == 0)
                throw new UsageException("the default tree always exists: give a name");
            bool isMultiValued = parsed.GetValue(multiValued);
            if (parsed.GetValue(keySize) is { } size && (!isMultiValued || size < 1))
                throw new UsageException("--key-size is a number from 1 on, and for --multi-valued");
            TreeOptions options = (parsed.GetValue(counted) ? TreeOptions.Counted : TreeOptions.None)
                | (isMultiValued ? TreeOptions.MultiValued : TreeOptions.None);
            if (parsed.GetValue(expiring) && options != TreeOptions.None)
                throw new UsageException("an expiring tree is neither counted nor multi-valued: give --expiring alone");
            using Database database = DatabaseFiles.OpenOrCreate(context, parsed.GetRequiredValue(file));
            using WriteTransaction transaction = database.BeginWrite();
            NewTrees.Create(transaction, tree, new TreeKind(
                options,
                parsed.GetValue(keySize) ?? 0,
                Expiry: parsed.GetValue(expiring) ? TreeForm.Expiring : TreeForm.Plain));
            transaction.Commit();
            return ExitCode.Ok;
        });
        return command;
    }
}
