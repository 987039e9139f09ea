using System.Text;
using Spectre.Console;

namespace Engine.Cli.Shared;

/// <summary>
/// Spectre consoles over our own streams. Colours follow what the terminal can do, and NO_COLOR switches them off.
/// </summary>
internal static class SpectreConsole
{
    public static IAnsiConsole For(Output output) => Create(output.Text, output.TerminalWidth);

    public static IAnsiConsole ForError(TextWriter error, int terminalWidth) => Create(error, terminalWidth);

    private static IAnsiConsole Create(TextWriter writer, int terminalWidth)
    {
        bool noColor = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        return AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new Target(writer, terminalWidth),
            Ansi = terminalWidth > 0 ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = noColor || terminalWidth == 0 ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = terminalWidth > 0 ? InteractionSupport.Detect : InteractionSupport.No,
        });
    }

    private sealed class Target(TextWriter writer, int width) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => width > 0;

        public int Width => width > 0 ? width : 120;

        public int Height => 25;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
