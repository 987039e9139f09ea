using System.Diagnostics;
using OrdersCluster.Launching;

namespace Engine.Extensions.Caching.Tests.Infrastructure;

/// <summary>A redis-server of the distribution, on a port of its own, without files.</summary>
internal sealed class RedisServer : IDisposable
{
    private readonly Process _process;
    private readonly TempFolder _folder = new();

    private RedisServer(string program)
    {
        _process = Process.Start(new ProcessStartInfo(program)
        {
            ArgumentList =
            {
                "--port", $"{Port}", "--bind", "127.0.0.1", "--save", string.Empty, "--appendonly", "no",
                "--dir", _folder.Root,
            },
            RedirectStandardOutput = true,
        })!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
    }

    public int Port { get; } = Ports.Take();

    /// <summary>Starts one; null if there is no such program.</summary>
    public static RedisServer? TryStart()
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? string.Empty;
        var program = path.Split(Path.PathSeparator)
            .Select(static folder => Path.Combine(folder, "redis-server"))
            .FirstOrDefault(File.Exists);
        return program is null ? null : new RedisServer(program);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }
}
