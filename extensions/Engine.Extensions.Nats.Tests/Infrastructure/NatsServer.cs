using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using OrdersCluster.Launching;

namespace Engine.Extensions.Nats.Tests.Infrastructure;

/// <summary>A server of a cluster: a process with ports and a folder of its own.</summary>
internal sealed partial class NatsServer : IDisposable
{
    private const int Stop = 19;
    private const int Continue = 18;

    /// <summary>Says the number of the server's process, waits for the end of the input, and kills it.</summary>
    private const string Script = "\"$0\" \"$@\" </dev/null >/dev/null 2>&1 & echo $!; read -r _; kill -9 $!; wait $!";

    private readonly string _config;
    private readonly string _log;
    private Process? _shell;
    private int _server;

    public NatsServer(string root, int index)
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"server-{index}");
        Folder = Path.Combine(root, Name);
        Directory.CreateDirectory(Folder);
        _config = Path.Combine(Folder, "server.conf");
        _log = Path.Combine(Folder, "server.log");
        ClientPort = Ports.Take();
        RoutePort = Ports.Take();
    }

    public static string? Program { get; } = new[] { "/usr/sbin/nats-server", "/usr/bin/nats-server" }
        .FirstOrDefault(File.Exists);

    public string Name { get; }

    public string Folder { get; }

    public int ClientPort { get; }

    public int RoutePort { get; }

    public string Url => string.Create(CultureInfo.InvariantCulture, $"nats://127.0.0.1:{ClientPort}");

    public bool IsRunning => _shell is { HasExited: false };

    /// <summary>Whether it runs, and the end of what it has logged.</summary>
    public string Describe()
    {
        var state = IsRunning ? "runs" : "does not run";
        var told = File.Exists(_log) ? File.ReadLines(_log).TakeLast(8) : [];
        return $"{Name} {state}:\n{string.Join('\n', told)}";
    }

    /// <param name="routes">Ports on which the others are reached; none for a server alone.</param>
    public void Configure(IEnumerable<int> routes)
    {
        var text = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"server_name: {Name}")
            .AppendLine(CultureInfo.InvariantCulture, $"listen: 127.0.0.1:{ClientPort}")
            .AppendLine(
                CultureInfo.InvariantCulture, $"jetstream {{ store_dir: \"{Folder}/store\", max_file_store: 20GB }}");
        var urls = routes.Select(static port => string.Create(
            CultureInfo.InvariantCulture, $"nats-route://127.0.0.1:{port}")).ToList();
        if (urls.Count > 0)
        {
            // What a server says of itself to the others leads nowhere: they know each other from here alone, and a
            // proxy in between is never gone around.
            text.AppendLine("cluster {")
                .AppendLine("  name: engine")
                .AppendLine(CultureInfo.InvariantCulture, $"  listen: 127.0.0.1:{RoutePort}")
                .AppendLine("  advertise: \"127.0.0.1:9\"")
                .AppendLine("  no_advertise: true")
                .AppendLine(CultureInfo.InvariantCulture, $"  routes: [{string.Join(", ", urls)}]")
                .AppendLine("}");
        }

        File.WriteAllText(_config, text.ToString());
    }

    /// <summary>Starts it under a shell that ends it when this process has ended, however that was.</summary>
    public void Start()
    {
        _shell?.Dispose();
        _shell = Process.Start(new ProcessStartInfo(
            "/bin/sh",
            ["-c", Script, Program!, "-c", _config, "-l", _log])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        _server = int.Parse(_shell.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
    }

    public void Kill()
    {
        if (IsRunning)
        {
            _shell!.StandardInput.Close();
            _shell.WaitForExit();
        }
    }

    public void Pause() => Signal(Stop);

    public void Resume() => Signal(Continue);

    public void Dispose()
    {
        if (IsRunning)
        {
            Resume();
        }

        Kill();
        _shell?.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    private void Signal(int signal) => Assert.That(Kill(_server, signal), Is.Zero);
}
