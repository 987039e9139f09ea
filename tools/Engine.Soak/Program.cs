using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;

namespace Engine.Soak;

/// <summary>The soak program: crash tests for as long as one likes. docs/crash-testing.md says what it runs.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        using var interrupted = new CancellationTokenSource();

        void Stop(PosixSignalContext signal)
        {
            // The second one ends the process at once, as always.
            signal.Cancel = !interrupted.IsCancellationRequested;
            interrupted.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        return Run(arguments, interrupted.Token);
    }

    private static int Run(string[] arguments, CancellationToken interrupted)
    {
        var root = new RootCommand(
            "Crash tests on the simulated disk. Without a command: random programs with crashes and failing calls, "
            + "until the time is over or one fails.")
        {
            SweepCommand.Create(Console.Out, interrupted),
            ReplayCommand.Create(Console.Out),
        };
        RandomCommand.Attach(root, Console.Out, interrupted);
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            foreach (var error in parsed.Errors)
            {
                Console.Error.WriteLine($"Engine.Soak: {error.Message}");
            }

            Console.Error.WriteLine("See Engine.Soak --help.");
            return ExitCode.Usage;
        }

        try
        {
            return parsed.Invoke(
                new InvocationConfiguration
                {
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null
                });
        }
        catch (Exception e) when (e is UsageException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"Engine.Soak: {e.Message}");
            return ExitCode.Usage;
        }
    }
}
