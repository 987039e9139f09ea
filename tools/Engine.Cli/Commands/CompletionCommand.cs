using System.CommandLine;
using Engine.Cli.Completion;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine completion bash|zsh|powershell</c></summary>
internal static class CompletionCommand
{
    private const string Examples = """
        Examples:
          eval "$(engine completion bash)"                                 # a line of ~/.bashrc
          eval "$(engine completion zsh)"                                  # a line of ~/.zshrc, after compinit
          engine completion powershell | Out-String | Invoke-Expression    # a line of $PROFILE
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> shell = new("SHELL") { Description = string.Join(", ", CompletionScripts.Shells) };
        shell.CompletionSources.Add(CompletionScripts.Shells);
        var command = new Command(
            "completion", "Write a script that lets Tab complete commands, options and their values") { shell };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            context.Output.WriteUnchanged(CompletionScripts.Read(parsed.GetRequiredValue(shell)));
            return ExitCode.Ok;
        });
        return command;
    }
}
