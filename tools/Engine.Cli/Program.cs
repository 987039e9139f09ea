using System.Runtime.InteropServices;
using System.Text;
using Engine.Cli.Shared;
using Microsoft.Win32.SafeHandles;

namespace Engine.Cli;

/// <summary>Connects the tool with the process: its streams, its terminal and its signals.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        using var interrupted = new CancellationTokenSource();
        int signalExitCode = ExitCode.Interrupted;

        void Stop(PosixSignalContext signal, int exitCode)
        {
            // The second one ends the process at once, as always.
            if (interrupted.IsCancellationRequested)
                return;
            signal.Cancel = true;
            signalExitCode = exitCode;
            interrupted.Cancel();
        }

        using PosixSignalRegistration interrupt =
            PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, ExitCode.Interrupted));
        using PosixSignalRegistration terminate =
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, ExitCode.Terminated));

        using Stream standardOutput = OpenStandardOutput();
        var output = new Output(standardOutput, TerminalWidth(Console.IsOutputRedirected));
        var error = new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false)) { AutoFlush = true };
        return App.Run(arguments, new CommandContext
        {
            Input = new InterruptibleStream(Console.OpenStandardInput(), interrupted.Token),
            Output = output,
            Error = error,
            IsInteractive = !Console.IsInputRedirected && !Console.IsOutputRedirected,
            Progress = CreateProgress(error),
            Cancellation = interrupted.Token,
            CancelledExitCode = () => signalExitCode,
        });
    }

    /// <summary>
    /// The console's stream keeps quiet about a closed pipe, so <c>scan | head -1</c> would read the whole database for
    /// nobody; a FileStream says so. But a FileStream writes regular files at positions of its own, which loses what
    /// others append: for those, and on Windows, the console's stream it is.
    /// </summary>
    private static Stream OpenStandardOutput()
    {
        if (!OperatingSystem.IsWindows() && Console.IsOutputRedirected)
        {
            try
            {
                var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
                if (!pipe.CanSeek)
                    return pipe;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException
                or ArgumentException)
            {
                // Standard output is closed or something unusual; the console's stream copes with anything.
            }
        }

        return Console.OpenStandardOutput();
    }

    private static ProgressReporter CreateProgress(TextWriter error)
    {
        int width = TerminalWidth(Console.IsErrorRedirected);
        return width > 0
            ? new TerminalProgressReporter(SpectreConsole.ForError(error, width), TimeProvider.System)
            : new LineProgressReporter(error, TimeProvider.System);
    }

    /// <summary>The columns of the terminal, or 0 if there is none.</summary>
    private static int TerminalWidth(bool isRedirected)
    {
        if (isRedirected)
            return 0;
        try
        {
            return Terminal.Columns(Console.WindowWidth);
        }
        catch (Exception exception) when (exception is IOException or PlatformNotSupportedException)
        {
            return Terminal.Columns(0);
        }
    }
}
