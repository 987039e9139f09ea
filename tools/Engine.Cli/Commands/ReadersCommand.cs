using System.CommandLine;
using Engine.Cli.Inspection;
using Engine.Cli.Shared;
using Engine.Storage;

namespace Engine.Cli.Commands;

/// <summary><c>engine readers FILE</c></summary>
internal static class ReadersCommand
{
    private const string Examples = """
        Examples:
          engine readers unicode.db
          engine readers unicode.db --sweep

        --sweep frees what dead processes left behind, also beside a writer. Only what is dead for certain goes; a process of
        another container that cannot be judged counts as alive.
        """;

    public static Command Create(CommandContext context)
    {
        var symbols = new InspectionSymbols();
        Option<bool> sweep = new("--sweep") { Description = "Free the slots of dead processes first" };
        var command = new Command(
            "readers",
            "Show who has the database open, what they have pinned and which pages they alone keep")
            {
                symbols.File,
                sweep
            };
        symbols.AddOptionsTo(command, showsKeys: false);
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            if (symbols.IsWithoutLock(parsed))
                throw new UsageException("readers are listed in the lock file: leave --without-lock out");
            int? swept = parsed.GetValue(sweep) ? 0 : null;
            using InspectedFile file = InspectedFile.OpenForItsReaders(
                parsed.GetRequiredValue(symbols.File),
                lockFile => swept = swept is null ? null : Sweep(lockFile),
                context.Cancellation);
            DatabaseFiles.Warn(context, file.Path, file.RecoveryReport);
            var damage = new DamageList();
            ReadersReport report = ReadersReport.Collect(file, swept, damage, context.Cancellation);
            return symbols.Show(context, parsed, report, damage);
        });
        return command;
    }

    private static int Sweep(LockFile lockFile)
    {
        if (lockFile.TrySweep(out int freed))
            return freed;
        throw new DatabaseBusyException(lockFile.HasLiveWriter
            ? $"{lockFile.DescribeWriter()} has the database open for writing, and on this system only the "
                + "writer may sweep: it does so within 256 commits"
            : "another process is sweeping, and does not end: try again");
    }
}
