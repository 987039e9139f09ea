using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Engine.Extensions.Nats.Tests.Infrastructure;

/// <summary>
/// Servers on loopback with folders of their own, which are killed when it is disposed, and when this process ends.
/// </summary>
internal sealed class NatsCluster : IDisposable
{
    private readonly Dictionary<(int From, int To), PortProxy> _proxies = [];

    public NatsCluster(int servers)
    {
        Root = Directory.CreateTempSubdirectory("engine-nats-").FullName;
        Servers = [.. Enumerable.Range(0, servers).Select(index => new NatsServer(Root, index))];
        for (var from = 0; from < servers; from++)
        {
            for (var to = 0; to < servers; to++)
            {
                if (from != to)
                {
                    _proxies[(from, to)] = new PortProxy(Servers[to].RoutePort);
                }
            }
        }

        for (var from = 0; from < servers; from++)
        {
            var index = from;
            Servers[from].Configure(_proxies.Where(pair => pair.Key.From == index).Select(pair => pair.Value.Port));
        }
    }

    public string Root { get; }

    public NatsServer[] Servers { get; }

    public string Urls => string.Join(',', Servers.Select(static server => server.Url));

    /// <summary>Skips the test where there is no server program.</summary>
    public static void RequireProgram()
    {
        if (NatsServer.Program is null)
        {
            Assert.Ignore("There is no nats-server; it is in Debian's package of that name.");
        }
    }

    public static async Task<NatsCluster> StartAsync(int servers = 3)
    {
        var cluster = new NatsCluster(servers);
        try
        {
            foreach (var server in cluster.Servers)
            {
                server.Start();
            }

            await cluster.WaitUntilReadyAsync();
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    /// <summary>Until the servers agree: a stream of as many replicas can be made.</summary>
    public async Task WaitUntilReadyAsync()
    {
        var name = $"ready-{Guid.NewGuid():N}";
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await using var connection = Connect();
                var context = new NatsJSContext(connection);
                await context.CreateStreamAsync(
                    new StreamConfig(name, [name])
                    {
                        NumReplicas = Servers.Length,
                        Storage = StreamConfigStorage.Memory,
                    });
                await context.DeleteStreamAsync(name);
                return;
            }
            catch (Exception e) when (e is NatsException or OperationCanceledException && attempt < 300)
            {
                await Task.Delay(100);
            }
        }
    }

    /// <summary>
    /// Until every replica of every stream has what its leader has, or a while has passed.
    /// </summary>
    public async Task WaitUntilCurrentAsync()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            try
            {
                await using var connection = Connect();
                var behind = false;
                await foreach (var stream in new NatsJSContext(connection).ListStreamsAsync())
                {
                    var replicas = stream.Info.Cluster?.Replicas ?? [];
                    behind |= replicas.Count < Servers.Length - 1
                        || replicas.Any(static replica => !replica.Current || replica.Offline);
                }

                if (!behind)
                {
                    return;
                }
            }
            catch (Exception e) when (e is NatsException or OperationCanceledException)
            {
                // There is no leader just now.
            }

            await Task.Delay(100);
        }
    }

    public NatsConnection Connect() => new(new NatsOpts
    {
        Url = Urls,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        RequestTimeout = TimeSpan.FromSeconds(3),
        ReconnectWaitMin = TimeSpan.FromMilliseconds(50),
        ReconnectWaitMax = TimeSpan.FromMilliseconds(500),
    });

    /// <summary>Cuts the routes between a server and all others; clients still reach it.</summary>
    public void Isolate(int server)
    {
        foreach (var (pair, proxy) in _proxies)
        {
            if (pair.From == server || pair.To == server)
            {
                proxy.Cut();
            }
        }
    }

    public void Mend()
    {
        foreach (var proxy in _proxies.Values)
        {
            proxy.Mend();
        }
    }

    public void Dispose()
    {
        foreach (var server in Servers)
        {
            server.Dispose();
        }

        foreach (var proxy in _proxies.Values)
        {
            proxy.Dispose();
        }

        Directory.Delete(Root, recursive: true);
    }
}
