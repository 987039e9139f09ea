using System.CommandLine;
using Engine.Cli.Inspection;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine space FILE</c></summary>
internal static class SpaceCommand
{
    private const int DefaultLimit = 10;

    private const string Examples = """
        Examples:
          engine space unicode.db
          engine space unicode.db --limit 100
          engine space unicode.db --json | jq '.pins[] | select(.pagesAlone > 0)'

        A free page that was written in B and freed in F waits while a transaction from B to F - 1 is pinned. "Alone" are the pages
        that no other pin needs: ending that reader, or deleting that snapshot, makes them reusable.
        """;

    public static Command Create(CommandContext context)
    {
        var symbols = new InspectionSymbols();
        Option<int?> limit = new("--limit")
        {
            HelpName = "N",
            Description = $"Show at most N transactions and N runs; without it {DefaultLimit}"
        };
        var command = new Command(
            "space",
            "Show the free pages: the space log, what is reusable, what waits, and for which reader or named snapshot")
            {
                symbols.File,
                limit
            };
        symbols.AddOptionsTo(command, showsKeys: false);
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            int most = parsed.GetValue(limit) ?? DefaultLimit;
            if (most < 0)
                throw new UsageException("--limit cannot be negative");
            using InspectedFile file =
                InspectedFile.Open(parsed.GetRequiredValue(symbols.File), symbols.IsWithoutLock(parsed), context);
            var damage = new DamageList();
            SpaceLogScan log = SpaceLogScan.Run(file, damage, context.Cancellation);
            var report = new SpaceReport(file, log, PinAnalysis.Run(file, log, context.Cancellation), most);
            return symbols.Show(context, parsed, report, damage);
        });
        return command;
    }
}
