using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Engine.PropertyTests.Malformed;

/// <summary>
/// A process that meets malformed files, with bounded memory. Disposing ends it, whatever state it is in.
/// </summary>
internal sealed class MalformedHost : IDisposable
{
    /// <summary>The managed heap that it gets, in bytes, as hexadecimal digits: 256 MiB.</summary>
    private const string HeapLimit = "10000000";

    private readonly Process _process;
    private readonly string _progress;
    private readonly Task<string> _errors;
    private bool _isDisposed;

    public MalformedHost(string directory)
    {
        Directory.CreateDirectory(directory);
        _progress = MalformedWorker.ProgressFile(directory);
        File.WriteAllBytes(_progress, BitConverter.GetBytes(-1L));
        var dotnet = Path.GetFullPath(
            Path.Combine(
                RuntimeEnvironment.GetRuntimeDirectory(),
                "..",
                "..",
                "..",
                OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        var start = new ProcessStartInfo(
            dotnet, ["exec", typeof(MalformedHost).Assembly.Location, Program.MalformedWorkerCommand, directory])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>The index of the execution that it noted last; -1 before the first.</summary>
    public long Progress => BitConverter.ToInt64(File.ReadAllBytes(_progress));

    public bool HasExited => _process.HasExited;

    /// <summary>The most memory that it had so far, in bytes.</summary>
    public long PeakMemory
    {
        get
        {
            try
            {
                _process.Refresh();
                return _process.PeakWorkingSet64;
            }
            catch (InvalidOperationException)
            {
                return 0;
            }
        }
    }

    public void Send(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
    }

    /// <summary>Its next line; null when it has ended.</summary>
    public Task<string?> ReadLineAsync() => _process.StandardOutput.ReadLineAsync();

    /// <summary>
    /// Sends a command and returns the answer; null if none came in time, or if the process died of it.
    /// </summary>
    public string? Ask(string command, TimeSpan patience)
    {
        try
        {
            Send(command);
        }
        catch (IOException)
        {
            return null;
        }

        var line = ReadLineAsync();
        return line.Wait(patience) ? line.Result : null;
    }

    /// <summary>How it ended, and what it said about it.</summary>
    public string Describe()
    {
        if (!_process.WaitForExit(TimeSpan.FromSeconds(5)))
        {
            return "it hangs";
        }

        var errors = _errors.Wait(TimeSpan.FromSeconds(5)) ? _errors.Result : "";
        return $"exit code {_process.ExitCode}: {errors.ReplaceLineEndings(" ")[..Math.Min(600, errors.Length)]}";
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(TimeSpan.FromSeconds(10));
        }

        _process.Dispose();
    }
}
