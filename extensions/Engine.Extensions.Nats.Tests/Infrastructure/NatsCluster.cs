using System.Diagnostics;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Engine.Extensions.Nats.Tests.Infrastructure;

/// <summary>
/// Servers on loopback with folders of their own, which are killed when it is disposed, and when this process ends.
/// </summary>
internal sealed class NatsCluster : IDisposable
{
    /// <summary>Flushes of a machine that does other things beside it take up to a second each.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Dictionary<(int From, int To), PortProxy> _proxies = [];
    private readonly HashSet<string> _streams = [];

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
        for (var begun = Stopwatch.GetTimestamp(); ;)
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
            catch (Exception e) when (e is NatsException or OperationCanceledException)
            {
                if (Stopwatch.GetElapsedTime(begun) > Patience)
                {
                    throw NotReady(e.Message, e);
                }

                await Task.Delay(100);
            }
        }
    }

    /// <summary>Until every replica of every stream has what its leader has.</summary>
    public Task WaitUntilCurrentAsync() => WaitForReplicasAsync(Servers.Length - 1);

    /// <summary>
    /// Until every stream has a leader and a majority with the same, though one server is missing.
    /// </summary>
    public Task WaitUntilLedAsync() => WaitForReplicasAsync(Servers.Length - 2);

    private async Task WaitForReplicasAsync(int atLeast)
    {
        var state = "nobody answers";
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < Patience;)
        {
            try
            {
                await using var connection = Connect();
                state = "";
                var missing = new HashSet<string>(_streams);
                await foreach (var stream in new NatsJSContext(connection).ListStreamsAsync())
                {
                    _streams.Add(stream.Info.Config.Name!);
                    missing.Remove(stream.Info.Config.Name!);

                    // A replica that was heard of by a leader that is gone is as good as offline.
                    var (leader, replicas) = (stream.Info.Cluster?.Leader, stream.Info.Cluster?.Replicas ?? []);
                    var current = replicas.Count(static replica => replica.Current && !replica.Offline);
                    if (string.IsNullOrEmpty(leader) || current < atLeast)
                    {
                        state += $"{stream.Info.Config.Name}: leader {leader}, {current} of {replicas.Count} current\n";
                    }
                }

                // A stream without a leader is not in the list.
                state += string.Join(' ', missing);
                if (state.Length == 0)
                {
                    return;
                }
            }
            catch (Exception e) when (e is NatsException or OperationCanceledException)
            {
                // There is no leader just now.
                state = e.Message;
            }

            await Task.Delay(100);
        }

        throw NotReady(state);
    }

    private InvalidOperationException NotReady(string state, Exception? cause = null) => new(
        $"The servers are not ready: {state}\n{string.Join('\n', Servers.Select(static server => server.Describe()))}",
        cause);

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

    /// <summary>All servers run, and reach each other.</summary>
    public void Heal()
    {
        Mend();
        foreach (var server in Servers)
        {
            if (server.IsRunning)
            {
                server.Resume();
            }
            else
            {
                server.Start();
            }
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
