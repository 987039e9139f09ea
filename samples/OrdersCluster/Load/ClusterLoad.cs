using System.Diagnostics;
using System.Text.Json;
using Engine.Extensions.Nats;
using NATS.Client.Core;
using Orders;
using OrdersCluster.Launching;
using OrdersCluster.Node;

namespace OrdersCluster.Load;

/// <summary>
/// The clients of samples/Orders against a cluster, in peace and while processes are killed, and a verification.
/// </summary>
internal sealed class ClusterLoad(LocalCluster cluster, int clients, TimeSpan time, TextWriter output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly List<LoadClient> _ran = [];
    private int _number;

    /// <summary>Runs all of it.</summary>
    /// <exception cref="InvalidDataException">What is stored is not what was acknowledged.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // The first requests compile code.
        await RunClientsAsync(clients, TimeSpan.FromSeconds(2), static () => { }, report: null, cancellationToken);
        await RunClientsAsync(clients, time, static () => { }, output, cancellationToken);
        await RunClientsAsync(clients, time, () => Kill(cluster.Nodes[1]), output, cancellationToken);
        await RunClientsAsync(clients, time, () => Kill(cluster.Servers[0]), output, cancellationToken);
        await cluster.WaitUntilHealthyAsync(cancellationToken);
        await VerifyAsync(cancellationToken);
    }

    /// <summary>Lets new clients order for a while, and does something to the cluster in it.</summary>
    public async Task RunClientsAsync(
        int count, TimeSpan duration, Action disturb, TextWriter? report, CancellationToken cancellationToken)
    {
        var handlers = new List<PersistentHandler>();
        var ran = new List<LoadClient>();
        for (var i = 0; i < count; i++)
        {
            handlers.Add(new PersistentHandler());
            ran.Add(new LoadClient(new HttpClient(handlers[i]) { BaseAddress = cluster.Url }, _number++));
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var begin = Stopwatch.GetTimestamp();
        var running = Task.WhenAll(ran.Select(client => client.RunAsync(stop.Token)));
        await Task.WhenAny(running, Task.Delay(duration / 4, cancellationToken));
        disturb();
        await Task.WhenAny(running, Task.Delay(duration * 3 / 4, cancellationToken));
        await stop.CancelAsync();
        await running;
        var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        _ran.AddRange(ran);
        if (report is not null)
        {
            await LoadReport.WriteAsync(ran, seconds, report);
            await report.WriteLineAsync(
                $"{handlers.Sum(static handler => handler.Repeated)} requests had to be sent again by the clients");
        }

        handlers.ForEach(static handler => handler.Dispose());
    }

    /// <summary>Every order that was acknowledged must be on every node, and all nodes must be equal.</summary>
    /// <exception cref="InvalidDataException">They are not.</exception>
    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        var acknowledged = _ran.SelectMany(static client => client.Acknowledged.Values).ToList();
        using var http = new HttpClient();
        foreach (var node in cluster.NodeUrls)
        {
            var orders = await ExportAsync(http, node, cancellationToken);
            foreach (var order in acknowledged)
            {
                order.RequireSame(orders.GetValueOrDefault(order.Id));
            }

            if (orders.Count != acknowledged.Count)
            {
                throw new InvalidDataException($"{orders.Count} orders are there, {acknowledged.Count} were placed.");
            }

            var summary = await http.GetFromJsonAsync(
                new Uri(node, "/summary"), OrderJson.Default.Summary, cancellationToken);
            if (!summary!.IsConsistent)
            {
                throw new InvalidDataException("The index by status does not have the orders that there are.");
            }
        }

        await output.WriteLineAsync(
            $"verified: each of {acknowledged.Count:N0} acknowledged orders is on every node, once");
        await using var connection = new NatsConnection(new NatsOpts { Url = cluster.ServerUrls });
        var report = await ReplicaInspector.AskAsync(
            connection, new NodeSettings().Database, withDigests: true, Patience, cancellationToken);
        if (report.Digests.Count != LocalCluster.Size || !report.AreEqual)
        {
            throw new InvalidDataException($"The nodes differ: {string.Join("; ", report.Digests)}");
        }

        await output.WriteLineAsync(
            $"verified: the digests of all {report.Digests.Count} nodes are equal at message {report.DigestSequence}");
    }

    private void Kill(ChildProcess process)
    {
        output.WriteLine($"kill -9 {process.Name}");
        process.Kill();
    }

    /// <summary>All orders of a node, which has all that was acknowledged anywhere.</summary>
    private static async Task<Dictionary<long, Order>> ExportAsync(
        HttpClient http, Uri node, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(
            new Uri(node, "/export?consistency=linearizable"),
            HttpCompletionOption.ResponseHeadersRead,
            cancellationToken);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        var orders = new Dictionary<long, Order>();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            var order = JsonSerializer.Deserialize(line, OrderJson.Default.Order)!;
            orders.Add(order.Id, order);
        }

        return orders;
    }
}
