using System.Diagnostics;

namespace Engine.Bench.Processes;

/// <summary>
/// Another process of this program that answers lines with lines. What it says on standard error goes to this one's.
/// </summary>
internal sealed class BenchProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Process _process;

    private BenchProcess(Process process) => _process = process;

    /// <summary>Starts the program that lies in a directory.</summary>
    public static BenchProcess Start(string directory, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(Host(), [Path.Combine(directory, "Engine.Bench.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new BenchProcess(
            Process.Start(start) ?? throw new BenchException($"{start.FileName} could not be started."));
    }

    /// <summary>Sends a line and waits for the answer.</summary>
    /// <exception cref="BenchException">The process has ended.</exception>
    public string Ask(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // Its end is noticed by reading.
        }

        return ReadLine();
    }

    /// <summary>Waits for a line.</summary>
    /// <exception cref="BenchException">The process has ended.</exception>
    public string ReadLine()
    {
        if (_process.StandardOutput.ReadLine() is { } answer)
        {
            return answer;
        }

        _process.WaitForExit();
        throw new BenchException(
            $"A process of the benchmark ended early with exit code {_process.ExitCode}; what it said is above.");
    }

    /// <summary>It ends when nobody can ask any more.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(Patience))
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    // Started by its host this program is "dotnet"; started by its own name it is not.
    private static string Host() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet" ? Environment.ProcessPath! : "dotnet";
}
