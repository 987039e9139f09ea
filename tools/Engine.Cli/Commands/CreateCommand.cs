using System.CommandLine;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine create FILE TREE</c></summary>
internal static class CreateCommand
{
    private const string Examples = """
        Examples:
          engine create scores.db users
          engine create scores.db ranking --counted
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string> name = new("TREE") { Description = "The tree's name; any byte may be written as \\hh" };
        Option<bool> counted = new("--counted")
        {
            Description = "It counts its entries, for rank, at and count: chosen now, it cannot be changed later",
        };
        var command = new Command(
            "create",
            "Create a named tree, and FILE if there is none; a tree of the same kind that is there stays as it is")
        {
            file, name, counted,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            string tree = TreeNames.Parse(parsed.GetRequiredValue(name));
            if (tree.Length == 0)
                throw new UsageException("the default tree always exists: give a name");
            using Database database = DatabaseFiles.OpenOrCreate(context, parsed.GetRequiredValue(file));
            using WriteTransaction transaction = database.BeginWrite();
            transaction.CreateTree(tree, parsed.GetValue(counted) ? TreeOptions.Counted : TreeOptions.None);
            transaction.Commit();
            return ExitCode.Ok;
        });
        return command;
    }
}
