using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>A node's process, started anew after it was killed; what its clients saw is collected.</summary>
internal sealed partial class NodeProcess(
    string name, string directory, string servers, string node, string command = FaultyNode.Command) : IDisposable
{
    private const int Stop = 19;
    private const int Continue = 18;

    private Process? _process;
    private volatile bool _isIdle;
    private volatile string _role = string.Empty;
    private int _starts;

    public ConcurrentQueue<HistoryEvent> History { get; } = [];

    public ConcurrentQueue<string> Errors { get; } = [];

    /// <summary>What it said that is no event.</summary>
    public ConcurrentQueue<string> Lines { get; } = [];

    /// <summary>What it said that the stream does not have any more of what it has applied.</summary>
    public ConcurrentQueue<string> LostHistories { get; } = [];

    public bool IsIdle => _isIdle;

    /// <summary>What it said last that it is, where one of the nodes is the primary.</summary>
    public string Role => _role;

    public bool HasExited => _process!.HasExited;

    public void Start(int seed)
    {
        _process?.Dispose();
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(
                Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet"
                    ? host : "dotnet",
                [
                    typeof(NodeProcess).Assembly.Location, command, name, directory, servers, node,
                    (seed + (1000 * _starts++)).ToString(CultureInfo.InvariantCulture),
                ])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        _process.OutputDataReceived += (_, line) =>
        {
            if (HistoryEvent.TryParse(line.Data ?? string.Empty, out var seen))
            {
                History.Enqueue(seen);
            }
            else if (line.Data is { } text)
            {
                Lines.Enqueue(text);
                if (text.StartsWith(FaultyNode.LostHistory, StringComparison.Ordinal))
                {
                    LostHistories.Enqueue(text);
                }
            }

            _isIdle |= line.Data == "idle";
            _role = line.Data is { } said && said.StartsWith("role ", StringComparison.Ordinal) ? said[5..] : _role;
        };
        _process.ErrorDataReceived += (_, line) =>
        {
            if (!string.IsNullOrEmpty(line.Data))
            {
                Errors.Enqueue(line.Data);
            }
        };
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _role = string.Empty;
    }

    public void Pause() => Signal(Stop);

    public void Resume() => Signal(Continue);

    public void EndClients() => Say(string.Empty);

    public void Say(string line) => _process!.StandardInput.WriteLine(line);

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            Kill();
        }

        _process?.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);

    private void Signal(int signal)
    {
        if (Signal(_process!.Id, signal) != 0)
        {
            throw new InvalidOperationException($"The process of {node} has ended by itself.");
        }
    }
}
