using System.Diagnostics;
using System.Globalization;
using Engine;

namespace Outbox;

/// <summary>Clients that place orders while a relay tells the warehouse of them; a report; and an audit.</summary>
internal sealed class Simulation(Settings settings, TextWriter output)
{
    private static readonly RetryPolicy Policy =
        new(MaxAttempts: 5, FirstDelay: TimeSpan.FromMilliseconds(5), LongestDelay: TimeSpan.FromMilliseconds(100));

    private readonly TextWriter _output = TextWriter.Synchronized(output);

    /// <summary>
    /// Places orders for the time of the settings, and delivers until nothing is left, also what a former run has left.
    /// </summary>
    /// <param name="cancellationToken">Ends the placing before its time.</param>
    /// <exception cref="InvalidDataException">What was delivered is not what was ordered.</exception>
    public async Task<Audit> RunAsync(CancellationToken cancellationToken = default)
    {
        await using var database = Database.Open(settings.Database);
        using var warehouse = new Warehouse(settings.Notes, settings.Failing);
        var outbox = new MessageOutbox(database);
        var shop = new Shop(database, outbox);
        var relay = new Relay(database, outbox, warehouse.TellAsync, Policy, settings.Parallel);
        using var stopRelay = new CancellationTokenSource();
        var relaying = relay.RunAsync(stopRelay.Token);
        var start = Stopwatch.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(TimeSpan.FromSeconds(settings.Seconds));
        var clients = Enumerable.Range(0, settings.Clients).Select(_ => Task.Run(() => PlaceAsync(shop, stop.Token)));
        var latencies = (await Task.WhenAll(clients)).SelectMany(static each => each).ToList();
        var placing = Stopwatch.GetElapsedTime(start);
        while (outbox.Pending > 0 && !relaying.IsCompleted)
        {
            await Task.Delay(1, CancellationToken.None);
        }

        var delivering = Stopwatch.GetElapsedTime(start);
        await stopRelay.CancelAsync();
        await relaying;
        await WriteAsync("placed", latencies, placing);
        await WriteAsync("delivered", warehouse.Milliseconds, delivering);
        var audit = Audit.Make(shop.List(), outbox.ListDeadLetters(), Warehouse.Read(settings.Notes));
        await _output.WriteLineAsync(
            $"failed attempts {relay.Failures:N0}, dead letters {audit.DeadLetters:N0}, repeated {audit.Repeated:N0}");
        await _output.WriteLineAsync(
            $"verified: each of {audit.Orders:N0} orders was delivered or is a dead letter, those of a customer in "
            + "their order");
        return audit;
    }

    private async Task<List<double>> PlaceAsync(Shop shop, CancellationToken stop)
    {
        var latencies = new List<double>();
        while (!stop.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            var customer = string.Create(
                CultureInfo.InvariantCulture, $"customer {Random.Shared.Next(settings.Customers)}");
            var number = await shop.PlaceAsync(customer, Random.Shared.Next(1, 100_000));
            latencies.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            if (settings.Report)
            {
                await _output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"order {number}"));
            }
        }

        return latencies;
    }

    private async Task WriteAsync(string what, IReadOnlyList<double> milliseconds, TimeSpan time)
    {
        var sorted = milliseconds.Order().ToList();
        await _output.WriteLineAsync(
            $"{what,-10} {sorted.Count / time.TotalSeconds,10:N0}/s   p50 {Percentile(sorted, 0.5):0.00} ms   "
            + $"p99 {Percentile(sorted, 0.99):0.00} ms");
    }

    private static double Percentile(List<double> sorted, double share) =>
        sorted.Count == 0 ? 0 : sorted[(int)(share * (sorted.Count - 1))];
}
