using System.CommandLine;
using Engine.Cli.Shared;
using Engine.Cli.Shell;

namespace Engine.Cli.Commands;

/// <summary><c>engine shell FILE</c></summary>
internal static class ShellCommand
{
    private const string Examples = """
        Commands, one a line; each has one reply:
          put KEY VALUE     ok
          del KEY [VALUE]   ok | absent
          get KEY           value VALUE | absent; of a multi-valued tree value VALUE (one line each), then: end COUNT
          begin             ok
          commit            committed TXN
          abort             ok
          scan [FROM [TO]]  KEY VALUE (one line each), then: end COUNT
          check             ok | corrupt REASON
          quit              ok
          anything that fails: error MESSAGE

        Keys and values are words without white space: \hh stands for a byte (\5c for the backslash), "" for the empty string.
        Without begin each put and del is its own transaction; its ok means durable, and so does committed.
        On a terminal there is a prompt, replies are made for reading, and there are more commands: help lists them.

        Example:
          printf 'put alice 42\nget alice\n' | engine shell scores.db
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Option<string?> tree = CommonSymbols.Tree();
        Option<bool> readOnly = new("--read-only") { Description = "Open for reading, beside a process that writes" };
        Option<bool> asBytes = CommonSymbols.AsBytes();
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command(
            "shell", "A prompt on a terminal; otherwise a line protocol for scripts. Creates FILE if there is none")
        {
            file, tree, readOnly, asBytes, withoutLock,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            string? treeName = CommonSymbols.TreeName(parsed, tree);
            using Database database = parsed.GetValue(readOnly) || parsed.GetValue(withoutLock)
                ? DatabaseFiles.OpenForReading(context, path, parsed.GetValue(withoutLock))
                : DatabaseFiles.OpenOrCreate(context, path);
            return Run(context, database, treeName, parsed.GetValue(asBytes));
        });
        return command;
    }

    private static int Run(CommandContext context, Database database, string? tree, bool asBytes)
    {
        if (context.IsInteractive)
            context.Output.WriteLine(
                $"{database.Path}{(database.IsReadOnly ? " (read-only)" : "")}: 'help' lists the commands, 'quit' or "
                + $"Ctrl-D ends");
        using var session =
            new ShellSession(
                database, tree, context.Output, context.IsInteractive, context.Cancellation, asBytes);
        var lines = new LineReader(context.Input);
        try
        {
            do
            {
                if (context.IsInteractive)
                    context.Output.Write(session.Prompt);
                context.Output.Flush();
            }
            while (lines.TryRead(out ReadOnlySpan<byte> line) && session.Execute(line));
            return ExitCode.Ok;
        }
        finally
        {
            // What the terminal shows next does not belong on the line of the last prompt.
            if (context.IsInteractive)
                context.Output.WriteLine();
        }
    }
}
