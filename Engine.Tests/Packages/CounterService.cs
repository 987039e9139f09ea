using System.Diagnostics;

namespace Engine.Tests.Packages;

/// <summary>The service of docs/getting-started.md as a process, on a free port.</summary>
internal sealed class CounterService(string folder) : IDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly HttpClient _http = new();
    private Process? _process;
    private Uri? _address;

    /// <summary>Builds it, starts it, and waits until it listens.</summary>
    public async Task StartAsync(IReadOnlyDictionary<string, string> environment)
    {
        DotNet.Run(folder, environment, "build");
        var program = Path.Combine("bin", "Debug", "net10.0", "counter.dll");
        var start = new ProcessStartInfo("dotnet", [program, "--urls", "http://127.0.0.1:0"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        string line;
        int at;
        do
        {
            line = await _process.StandardOutput.ReadLineAsync(patience.Token)
                ?? throw new InvalidOperationException("The service has ended before it listened.");
            at = line.IndexOf(Listening, StringComparison.Ordinal);
        }
        while (at < 0);

        _address = new Uri(line[(at + Listening.Length)..]);

        // A pipe that nobody empties would hold it up.
        _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
    }

    public async Task<string> AskAsync(bool post, string path)
    {
        var address = new Uri(_address!, path);
        using var response = post ? await _http.PostAsync(address, null) : await _http.GetAsync(address);
        return (await response.Content.ReadAsStringAsync()).TrimEnd('\n');
    }

    public void Kill()
    {
        _process?.Kill();
        _process?.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process?.Dispose();
        _http.Dispose();
    }
}
