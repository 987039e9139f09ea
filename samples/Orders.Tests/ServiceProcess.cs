using System.Diagnostics;

namespace Orders.Tests;

/// <summary>The service as a process of its own, on a free port of this machine.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private const string Listening = "Now listening on: ";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly Task _reading;
    private readonly List<string> _output = [];
    private readonly TaskCompletionSource<Uri> _address = new();

    private ServiceProcess(string database)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "Orders.dll"),
                "--urls", "http://127.0.0.1:0",
                "--Engine:Path", database,
                "--Logging:LogLevel:Microsoft.Hosting.Lifetime", "Information",
            },
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>What it has written to its console.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output);
            }
        }
    }

    /// <summary>A client of it.</summary>
    public HttpClient Http { get; private set; } = null!;

    /// <summary>Starts it, and waits until it listens.</summary>
    public static async Task<ServiceProcess> StartAsync(string database)
    {
        var process = new ServiceProcess(database);
        try
        {
            process.Http = new HttpClient { BaseAddress = await process._address.Task.WaitAsync(Patience) };
            return process;
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    /// <summary>Ends it at once, as kill -9 does.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Asks it to end, and waits until it has.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString()]))
        {
            await kill.WaitForExitAsync();
        }

        await _process.WaitForExitAsync().WaitAsync(Patience);
        await _reading;
        return _process.ExitCode;
    }

    public void Dispose()
    {
        Http?.Dispose();
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (_output)
            {
                _output.Add(line);
            }

            var at = line.IndexOf(Listening, StringComparison.Ordinal);
            if (at >= 0)
            {
                _address.TrySetResult(new Uri(line[(at + Listening.Length)..]));
            }
        }

        _address.TrySetException(new InvalidOperationException($"The service has ended:\n{Output}"));
    }
}
