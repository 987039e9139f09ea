using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace OrdersCluster.Launching;

/// <summary>
/// A process that is started again when it ends, and ends with this one, however that ends: a shell in between waits
/// for its input to be closed. What it prints is in a file. Thread-safe.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>
    /// The process is in a session of its own, if that can be had: Ctrl-C at the terminal ends what comes first, in
    /// order, and not everything at once.
    /// </summary>
    private const string Script = """
        trap '' INT
        exec 2>/dev/null
        own=$(command -v setsid)
        exec 3<&0
        $own "$@" </dev/null >>"$LOG" 2>&1 3<&- &
        child=$!
        echo $child
        (read -r _ <&3; kill -TERM $child) >/dev/null 2>&1 &
        watch=$!
        exec 3<&-
        wait $child
        code=$?
        kill $watch 2>/dev/null
        exit $code
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Action<string> _tell;
    private readonly string _log;
    private readonly string[] _command;
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _lock = new();
    private Process? _shell;
    private int _id;
    private Task _watching = Task.CompletedTask;

    public ChildProcess(string name, string log, Action<string> tell, params string[] command)
    {
        Name = name;
        _log = log;
        _tell = tell;
        _command = command;
    }

    public string Name { get; }

    /// <summary>How often it was started again.</summary>
    public int Restarts { get; private set; }

    /// <summary>Number of the process that is the current one.</summary>
    public int Id
    {
        get
        {
            lock (_lock)
            {
                return _id;
            }
        }
    }

    public void Start()
    {
        StartOnce();
        _watching = WatchAsync();
    }

    /// <summary>Ends it as kill -9 does. It is started again.</summary>
    public void Kill()
    {
        try
        {
            using var process = Process.GetProcessById(Id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It has ended by itself just now.
        }
    }

    /// <summary>Asks it to end, and waits until it has.</summary>
    public async Task StopAsync()
    {
        if (_shell is null)
        {
            return;
        }

        await _ending.CancelAsync();
        await _watching;
        _shell.StandardInput.Close();
        try
        {
            await _shell.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            Kill();
            await _shell.WaitForExitAsync();
        }

        _shell.Dispose();
        _shell = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _ending.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            while (true)
            {
                await _shell!.WaitForExitAsync(_ending.Token);
                _tell($"{Name} (process {Id}) has ended with {_shell.ExitCode}; it is started again");
                await Task.Delay(TimeSpan.FromMilliseconds(500), _ending.Token);
                _shell.Dispose();
                StartOnce();
                Restarts++;
            }
        }
        catch (OperationCanceledException)
        {
            // It is to end.
        }
    }

    private void StartOnce()
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", .. _command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["LOG"] = _log },
        };
        _shell = Process.Start(start)!;
        var id = int.Parse(_shell.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
        lock (_lock)
        {
            _id = id;
        }
    }
}
