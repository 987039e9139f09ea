using System.CommandLine;
using Engine.Cli.Backups;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine verify BACKUP...</c></summary>
internal static class VerifyCommand
{
    private const string Examples = """
        Examples:
          engine verify full.backup
          engine verify full.backup monday.backup tuesday.backup

        Reads backups to their end without restoring them: checksums, digests, that pages are what they say of themselves, and that each
        backup builds on the one before. Exit code 1 if something is wrong.
        """;

    public static Command Create(CommandContext context)
    {
        var paths = new Argument<string[]>("BACKUP...")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "The backups, oldest first",
        };
        paths.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0))
                result.AddError("BACKUP is empty: give a path");
        });
        Option<bool> exact = new("--bytes") { Description = "Show sizes in bytes" };
        Option<bool> json = CommonSymbols.Json("Write a JSON object");
        var command = new Command("verify", "Check backups without restoring them")
        {
            paths, exact, json,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            IReadOnlyList<BackupInfo> links;
            try
            {
                links = context.Progress.Run(
                    "verifying",
                    null,
                    progress => Backup.Verify(
                        parsed.GetRequiredValue(paths), BackupReports.Progress(progress), context.Cancellation),
                    ProgressUnit.Pages);
            }
            catch (BackupException exception)
            {
                ErrorReporting.Write(context.Error, exception.Message);
                return ExitCode.Absent;
            }

            var show = new Presentation { ExactSizes = parsed.GetValue(exact) };
            Write(context.Output, links, parsed.GetValue(json), show);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Write(Output output, IReadOnlyList<BackupInfo> links, bool asJson, Presentation show)
    {
        if (asJson)
        {
            JsonReport.Write(output, json => JsonReport.WriteObjects(
                json, "backups", links, info => BackupReports.WriteFields(json, info)));
            return;
        }

        foreach (BackupInfo info in links)
            output.WriteLine($"ok: {BackupReports.Describe(info, show)}");
    }
}
