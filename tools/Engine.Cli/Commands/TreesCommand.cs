using System.CommandLine;
using Engine.Cli.Inspection;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine trees FILE</c></summary>
internal static class TreesCommand
{
    private const string Examples = """
        Examples:
          engine trees unicode.db
          engine trees unicode.db --json | jq '.trees[] | {name, entries}'

        Reads all leaves. Scattered is the share of steps from leaf to leaf, in key order, that do not lead to the next page of the file.
        """;

    public static Command Create(CommandContext context)
    {
        var symbols = new InspectionSymbols();
        var command = new Command(
            "trees",
            "Measure every tree: entries, levels, fill, keys and values, overflow, fragmentation") { symbols.File };
        symbols.AddOptionsTo(command, showsKeys: false);
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            using InspectedFile file =
                InspectedFile.Open(parsed.GetRequiredValue(symbols.File), symbols.IsWithoutLock(parsed), context);
            var damage = new DamageList();
            TreeList trees = TreeList.Read(file, new DamageList(), context.Cancellation);
            var measures = new List<TreeMeasure>();
            FileWalk.Run(context, file, trees.Trees, tree =>
            {
                measures.Add(new TreeMeasure(tree, file.PageSize, damage));
                return measures[^1];
            });
            var report = new TreesReport(file, measures);
            return symbols.Show(context, parsed, report, damage);
        });
        return command;
    }
}
