using System.CommandLine;
using Engine.Cli.Inspection;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine readers FILE</c></summary>
internal static class ReadersCommand
{
    private const string Examples = """
        Examples:
          engine readers unicode.db
          engine readers unicode.db --sweep

        --sweep frees what dead processes left behind. Only what is dead for certain goes; a process of another container counts as
        alive. While a process writes, only that process may sweep, and it does so within 256 commits.
        """;

    public static Command Create(CommandContext context)
    {
        var symbols = new InspectionSymbols();
        Option<bool> sweep = new("--sweep") { Description = "Free the slots of dead processes first" };
        var command = new Command("readers", "Show who has the database open, what they have pinned and which pages they alone keep") { symbols.File, sweep };
        symbols.AddOptionsTo(command, showsKeys: false);
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            if (symbols.IsWithoutLock(parsed))
                throw new UsageException("readers are listed in the lock file: leave --without-lock out");
            using InspectedFile file = InspectedFile.Open(parsed.GetRequiredValue(symbols.File), withoutLock: false, context);
            int? swept = null;
            if (parsed.GetValue(sweep))
            {
                int freed = 0;
                swept = file.Lock is not { } shared || shared.TrySweep(out freed)
                    ? freed
                    : throw new DatabaseBusyException($"{shared.DescribeWriter()} has the database open for writing, and only the writer may sweep: it does so within 256 commits");
            }

            var damage = new DamageList();
            ReadersReport report = ReadersReport.Collect(file, swept, damage, context.Cancellation);
            if (symbols.IsJson(parsed))
                report.WriteJson(context.Output, damage);
            else
                report.WriteTo(context.Output, symbols.Presentation(parsed));
            return DamageReporting.Report(context, damage);
        });
        return command;
    }
}
