using System.CommandLine;
using Engine.Cli.Inspection;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine info FILE</c></summary>
internal static class InfoCommand
{
    /// <summary>The fill is measured by walking: small databases are walked always, larger ones on request.</summary>
    private const ulong AlwaysWalkedBytes = 64UL * 1024 * 1024;

    private const string Examples = """
        Examples:
          engine info unicode.db
          engine info large.db --walk
          engine info unicode.db --json | jq .recovery
        """;

    public static Command Create(CommandContext context)
    {
        var symbols = new InspectionSymbols();
        Option<bool> walk = new("--walk")
        {
            Description = "Measure the fill of a database of more than 64 MiB too, which reads all of its leaves"
        };
        var command = new Command(
            "info",
            "Show the superblock, both metas and which one recovery takes, and what the pages are used for")
            {
                symbols.File,
                walk
            };
        symbols.AddOptionsTo(command, showsKeys: false);
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            using InspectedFile file =
                InspectedFile.Open(parsed.GetRequiredValue(symbols.File), symbols.IsWithoutLock(parsed), context);
            var damage = new DamageList();
            InfoReport report = Collect(context, file, parsed.GetValue(walk), damage);
            return symbols.Show(context, parsed, report, damage);
        });
        return command;
    }

    private static InfoReport Collect(CommandContext context, InspectedFile file, bool walk, DamageList damage)
    {
        var slots = new SlotReport(file, context.Cancellation);
        if (file.SuperblockProblem is { } problem)
            damage.Add(null, 0, $"superblock: {problem.Rule}: expected {problem.Expected}, found {problem.Found}");
        else if (file.Refusal is { } refusal)
            damage.Add(null, 0, refusal);
        if (file.Meta is null || file.PageSize == 0)
            return new InfoReport(file, slots, null, []);

        TreeList trees = TreeList.Read(file, damage, context.Cancellation);
        PageTotals totals = PageTotals.Of(file, trees);
        if (!totals.AddUp)
            damage.Add(null, 0, "the records of the trees claim more pages than there are");
        var measures = new List<TreeMeasure>();
        if (walk || totals.Branches + totals.Leaves <= AlwaysWalkedBytes / (ulong)file.PageSize)
        {
            // The catalog has been walked: what is damaged there was reported.
            FileWalk.Run(context, file, trees.Trees, tree =>
            {
                var measure =
                    new TreeMeasure(tree, file.PageSize, tree.Role == TreeRole.Catalog ? new DamageList() : damage);
                measures.Add(measure);
                return measure;
            });
        }

        return new InfoReport(file, slots, totals, measures);
    }
}
