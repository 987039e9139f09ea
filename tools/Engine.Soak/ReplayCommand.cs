using System.CommandLine;
using Engine.PropertyTests.Crash;
using Engine.PropertyTests.Model;

namespace Engine.Soak;

/// <summary>Runs one program again.</summary>
internal static class ReplayCommand
{
    public static Command Create(TextWriter output)
    {
        var program = new Argument<string>("program")
        {
            Description = "The line that a failure printed, or a file with such lines"
        };
        var sweep =
            new Option<bool>("--sweep") { Description = "Sweep it through all crash states within the full bound" };
        var verbose = new Option<bool>("--verbose") { Description = "Print every step and storage call" };
        var command = new Command("replay", "Runs a program that failed once") { program, sweep, verbose };
        command.SetAction(parsed =>
        {
            var text = parsed.GetValue(program)!;
            var lines = File.Exists(text)
                ? File.ReadLines(text).Where(static l => l.Length > 0 && l[0] != '#')
                : [text];
            foreach (var line in lines)
            {
                if (!Replay(
                    line,
                    parsed.GetValue(sweep) || text.EndsWith(".sweep.txt", StringComparison.Ordinal),
                    parsed.GetValue(verbose),
                    output))
                {
                    return ExitCode.Failed;
                }
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static bool Replay(string line, bool isSweep, bool isVerbose, TextWriter output)
    {
        OperationProgram program;
        try
        {
            program = OperationProgram.Parse(line);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            throw new UsageException($"'{line}' is no program: {e.Message}");
        }

        try
        {
            var result = isSweep
                ? CrashSweep.Run(program, CrashBounds.Full)
                : ProgramRunner.Run(program, isVerbose ? output : null);
            output.WriteLine($"passed: {result.States:N0} states and {result.StatesOfDepthTwo:N0} of depth two");
            return true;
        }
        catch (Exception e)
        {
            output.WriteLine($"failed: {e}");
            return false;
        }
    }
}
