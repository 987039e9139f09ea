using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Engine.Cli.Shared;

/// <summary>The help of a command, and examples below it.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private readonly HelpAction _help = new();
    private readonly string _examples;

    private HelpWithExamples(string examples) => _examples = examples;

    public override bool ClearsParseErrors => true;

    /// <summary>Gives the command a help option with text that stands below the generated part.</summary>
    public static void AddTo(Command command, string examples) =>
        command.Add(new HelpOption { Action = new HelpWithExamples(examples), Description = "Show this help" });

    public override int Invoke(ParseResult parseResult)
    {
        int exitCode = _help.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        foreach (string line in _examples.ReplaceLineEndings("\n").Split('\n'))
            output.Write(line + "\n");
        output.Write("\n");
        return exitCode;
    }
}
