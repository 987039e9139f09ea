using System.Globalization;
using System.Net;
using OrdersCluster.Front;
using OrdersCluster.Node;

namespace OrdersCluster.Launching;

/// <summary>
/// Three servers of NATS, three nodes of the service and the front, on this machine. Servers and nodes are processes,
/// which are started again when they end; all of them end with this.
/// </summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    public const int Size = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly Uri[] _nodeUrls;
    private readonly WebApplication _front;

    private LocalCluster(string folder, Uri url, Action<string> tell)
    {
        Url = url;
        var program = NatsProgram.Find() ?? throw new FileNotFoundException(NatsProgram.Missing);
        var ports = Ports.Take(3 * Size);
        var clients = ports[..Size];
        var routes = ports[Size..(2 * Size)];
        ServerUrls = string.Join(',', clients.Select(static port => Text($"nats://127.0.0.1:{port}")));
        _nodeUrls = [.. ports[(2 * Size)..].Select(static port => new Uri(Text($"http://127.0.0.1:{port}")))];
        Servers = [.. Enumerable.Range(0, Size).Select(index =>
        {
            var name = Text($"server-{index + 1}");
            var own = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
            var config = Path.Combine(own, "server.conf");
            int[] routesOwnFirst = [routes[index], .. routes.Where(port => port != routes[index])];
            NatsProgram.Configure(config, name, clients[index], routesOwnFirst, Path.Combine(own, "store"));
            return new ChildProcess(name, Path.Combine(own, "server.log"), tell, program, "-c", config);
        })];
        Nodes = [.. Enumerable.Range(0, Size).Select(index =>
        {
            var name = Text($"node-{index + 1}");
            var own = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
            return new ChildProcess(
                name,
                Path.Combine(own, "node.log"),
                tell,
                DotNet,
                typeof(LocalCluster).Assembly.Location,
                NodeService.Command,
                "--urls", _nodeUrls[index].ToString(),
                "--Cluster:Node", name,
                "--Cluster:Directory", own,
                "--Cluster:Servers", ServerUrls,
                "--Logging:LogLevel:Microsoft", "Warning");
        })];
        _front = FrontService.Build(url, _nodeUrls);
    }

    /// <summary>The one URL.</summary>
    public Uri Url { get; private set; }

    /// <summary>The URLs of the nodes behind it.</summary>
    public IReadOnlyList<Uri> NodeUrls => _nodeUrls;

    /// <summary>The servers of NATS, separated by commas.</summary>
    public string ServerUrls { get; }

    public IReadOnlyList<ChildProcess> Servers { get; }

    public IReadOnlyList<ChildProcess> Nodes { get; }

    private static string DotNet => Environment.ProcessPath is { } path
        && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    /// <summary>Starts everything, and waits until all nodes answer.</summary>
    /// <param name="folder">Where the data is, that of an earlier run or none.</param>
    /// <param name="url">The one URL; port 0 is a free one.</param>
    /// <param name="tell">Is told what happens to the processes.</param>
    /// <param name="cancellationToken">Ends the waiting, and everything.</param>
    /// <exception cref="FileNotFoundException">There is no nats-server.</exception>
    public static async Task<LocalCluster> StartAsync(
        string folder, Uri url, Action<string> tell, CancellationToken cancellationToken)
    {
        var cluster = new LocalCluster(folder, url, tell);
        try
        {
            foreach (var process in cluster.Servers.Concat(cluster.Nodes))
            {
                process.Start();
            }

            await cluster.WaitUntilHealthyAsync(cancellationToken);
            await cluster._front.StartAsync(cancellationToken);
            cluster.Url = new Uri(cluster._front.Urls.First());
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until all nodes answer, and have what the log has.</summary>
    public async Task WaitUntilHealthyAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        foreach (var node in _nodeUrls)
        {
            while (!await IsHealthyAsync(node, patience.Token))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
            }
        }
    }

    /// <summary>Ends the front, then the nodes, which answer what they have taken, then the servers.</summary>
    public async ValueTask DisposeAsync()
    {
        await _front.StopAsync();
        await _front.DisposeAsync();
        await Task.WhenAll(Nodes.Select(static node => node.DisposeAsync().AsTask()));
        await Task.WhenAll(Servers.Select(static server => server.DisposeAsync().AsTask()));
        _http.Dispose();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private async Task<bool> IsHealthyAsync(Uri node, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(node, "/health"), cancellationToken);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
