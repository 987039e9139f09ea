using System.Diagnostics;
using Engine;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Orders;

/// <summary>Clients against a service in the same process, a report, and a verification.</summary>
internal sealed class LoadRun(int clients, TimeSpan time)
{
    /// <summary>Runs it on a database that is made at a path.</summary>
    /// <exception cref="InvalidDataException">What is stored is not what was acknowledged.</exception>
    public async Task RunAsync(string path, TextWriter output, CancellationToken cancellationToken)
    {
        LoadClient[] ran;
        await using (var app = Build(path))
        {
            await app.StartAsync(cancellationToken);
            var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
            using var http = new HttpClient { BaseAddress = new Uri(address.Addresses.First()) };
            ran = [.. Enumerable.Range(0, clients).Select(number => new LoadClient(http, number))];

            // The first requests compile code.
            await new LoadClient(http, clients).RunAsync(new CancellationToken(canceled: true));
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var begin = Stopwatch.GetTimestamp();
            stop.CancelAfter(time);
            await Task.WhenAll(ran.Select(client => client.RunAsync(stop.Token)));
            var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            var commits = app.Services.GetRequiredService<Database>().GetCommitStatistics()!;
            await LoadReport.WriteAsync(ran, seconds, output);
            await output.WriteLineAsync(
                $"{commits.Transactions:N0} durable transactions in {commits.Groups:N0} commits: "
                + $"{(double)commits.Transactions / commits.Groups:0.0} shared a flush");
            await app.StopAsync(CancellationToken.None);
        }

        await using (var app = Build(path))
        {
            await app.StartAsync(CancellationToken.None);
            Verify(app.Services.GetRequiredService<OrderStore>(), ran);
            await app.StopAsync(CancellationToken.None);
        }

        await output.WriteLineAsync("verified: every acknowledged order is there as it was acknowledged");
    }

    private static WebApplication Build(string path) => OrderService.Build(
        ["--urls", "http://127.0.0.1:0", "--Engine:Path", path],
        static builder => builder.Logging.SetMinimumLevel(LogLevel.Warning));

    private static void Verify(OrderStore store, LoadClient[] ran)
    {
        foreach (var order in ran.SelectMany(static client => client.Acknowledged.Values))
        {
            order.RequireSame(store.Find(order.Id));
        }

        if (!store.Summarize().IsConsistent)
        {
            throw new InvalidDataException("The orders do not add up to the totals.");
        }
    }
}
