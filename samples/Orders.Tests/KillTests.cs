using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using Engine.Tests.Infrastructure;

namespace Orders.Tests;

/// <summary>The service ends under load, in good order or not: what it has acknowledged is there.</summary>
[Category("Process"), NonParallelizable, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class KillTests
{
    private const int Clients = 16;
    private const int Wanted = 100;

    private readonly ConcurrentDictionary<long, Order> _acknowledged = new();

    [Test]
    public async Task KilledService_HasEveryOrderThatItAcknowledged()
    {
        using var folder = new TempDirectory();
        for (var cycle = 1; cycle <= 3; cycle++)
        {
            using var service = await ServiceProcess.StartAsync(folder.DatabasePath);
            await VerifyAsync(service.Http);
            var clients = Run(service.Http);
            await AcknowledgedAsync(cycle * Wanted, clients);

            service.Kill();

            await Task.WhenAll(clients);
        }

        using var last = await ServiceProcess.StartAsync(folder.DatabasePath);
        await VerifyAsync(last.Http);
    }

    [Test, Platform(Exclude = "Win", Reason = "there are no signals")]
    public async Task TerminatedService_AnswersWhatItHasTaken_AndClosesTheDatabase()
    {
        using var folder = new TempDirectory();
        using (var service = await ServiceProcess.StartAsync(folder.DatabasePath))
        {
            var clients = Run(service.Http);
            await AcknowledgedAsync(Wanted, clients);

            Assert.That(await service.TerminateAsync(), Is.Zero, service.Output);

            await Task.WhenAll(clients);
            Assert.That(service.Output, Does.Contain("Opened database").And.Contain("Closed database"));
            Assert.That(service.Output, Does.Not.Contain("Exception"));
        }

        using var next = await ServiceProcess.StartAsync(folder.DatabasePath);
        Assert.That(next.Output, Does.Not.Contain("recovered"));
        await VerifyAsync(next.Http);
    }

    /// <summary>
    /// Clients that place orders and pay each second one, until the service does not answer any more.
    /// </summary>
    private List<Task> Run(HttpClient http) => [.. Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
    {
        try
        {
            while (true)
            {
                var order = await PlaceAsync(http, $"customer-{client}");
                if (order.Id % 2 == 0)
                {
                    await PayAsync(http, order);
                }
            }
        }
        catch (HttpRequestException)
        {
            // Not acknowledged: it may be there or not.
        }
    }))];

    private async Task<Order> PlaceAsync(HttpClient http, string customer)
    {
        var order = new NewOrder(customer, [new OrderLine("tea", 1, 2.5m)]);
        using var response = await http.PostAsJsonAsync("/orders", order, OrderJson.Default.NewOrder);
        return await AcknowledgeAsync(response, HttpStatusCode.Created);
    }

    private async Task PayAsync(HttpClient http, Order order)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/orders/{order.Id}/status")
        {
            Content = JsonContent.Create(new StatusChange(OrderStatus.Paid), OrderJson.Default.StatusChange),
            Headers = { { "If-Match", "\"1\"" } },
        };
        using var response = await http.SendAsync(request);
        await AcknowledgeAsync(response, HttpStatusCode.OK);
    }

    private async Task<Order> AcknowledgeAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        Assert.That(response.StatusCode, Is.EqualTo(expected));
        var order = (await response.Content.ReadFromJsonAsync(OrderJson.Default.Order))!;
        _acknowledged[order.Id] = order;
        return order;
    }

    private async Task AcknowledgedAsync(int count, List<Task> clients)
    {
        while (_acknowledged.Count < count)
        {
            Assert.That(clients.Select(static client => client.IsCompleted), Is.All.False, "the service has ended");
            await Task.Delay(5);
        }
    }

    private async Task VerifyAsync(HttpClient http)
    {
        foreach (var order in _acknowledged.Values)
        {
            var found = await http.GetFromJsonAsync($"/orders/{order.Id}", OrderJson.Default.Order);

            // A payment may have been made whose answer was lost.
            Assert.That(found!.Version, Is.GreaterThanOrEqualTo(order.Version), $"order {order.Id}");
            Assert.That(found.Customer, Is.EqualTo(order.Customer));
        }

        Assert.That((await http.GetFromJsonAsync("/summary", OrderJson.Default.Summary))!.IsConsistent, Is.True);
    }
}
