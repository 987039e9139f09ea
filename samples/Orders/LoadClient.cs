using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Orders;

/// <summary>One client: sends a request, waits for the answer, sends the next one. Half of them place orders.</summary>
internal sealed class LoadClient(HttpClient http, int number)
{
    private readonly Random _random = new(number);
    private readonly List<(LoadKind Kind, TimeSpan Time)> _times = [];
    private readonly Dictionary<long, Order> _acknowledged = [];

    /// <summary>How long each request took.</summary>
    public IReadOnlyList<(LoadKind Kind, TimeSpan Time)> Times => _times;

    /// <summary>Its own orders as the service has acknowledged them.</summary>
    public IReadOnlyDictionary<long, Order> Acknowledged => _acknowledged;

    /// <summary>The name under which it orders.</summary>
    public string Customer { get; } = string.Create(CultureInfo.InvariantCulture, $"customer-{number}");

    /// <summary>Goes on until it is told to stop; what was sent is waited for.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var last = await PlaceAsync();
        while (!stop.IsCancellationRequested)
        {
            var kind = _random.Next(10) switch
            {
                < 5 => LoadKind.Place,
                < 7 when last.MayBecome(OrderStatus.Paid) => LoadKind.Change,
                < 9 => LoadKind.Get,
                _ => LoadKind.List,
            };
            var begin = Stopwatch.GetTimestamp();
            switch (kind)
            {
                case LoadKind.Place:
                    last = await PlaceAsync();
                    break;
                case LoadKind.Change:
                    last = await ChangeAsync(last, OrderStatus.Paid);
                    break;
                case LoadKind.Get:
                    await http.GetFromJsonAsync($"/orders/{last.Id}", OrderJson.Default.Order, CancellationToken.None);
                    break;
                default:
                    var page = await http.GetFromJsonAsync(
                        $"/orders?customer={Customer}", OrderJson.Default.OrderPage, CancellationToken.None);
                    if (page!.Orders[0].Id != last.Id)
                    {
                        throw new InvalidDataException($"Order {last.Id} is not the newest one of its customer.");
                    }

                    break;
            }

            _times.Add((kind, Stopwatch.GetElapsedTime(begin)));
        }
    }

    private async Task<Order> PlaceAsync()
    {
        var price = decimal.Round((decimal)_random.NextDouble() * 100, 2);
        var line = new OrderLine($"article-{_random.Next(1000)}", _random.Next(1, 10), price);
        var order = new NewOrder(Customer, [line]);
        using var response = await http.PostAsJsonAsync("/orders", order, OrderJson.Default.NewOrder);
        return await AcknowledgeAsync(response, HttpStatusCode.Created);
    }

    private async Task<Order> ChangeAsync(Order order, OrderStatus status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/orders/{order.Id}/status")
        {
            Content = JsonContent.Create(new StatusChange(status), OrderJson.Default.StatusChange),
            Headers = { { "If-Match", string.Create(CultureInfo.InvariantCulture, $"\"{order.Version}\"") } },
        };
        using var response = await http.SendAsync(request);
        return await AcknowledgeAsync(response, HttpStatusCode.OK);
    }

    private async Task<Order> AcknowledgeAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        if (response.StatusCode != expected)
        {
            throw new InvalidDataException($"{response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }

        var order = (await response.Content.ReadFromJsonAsync(OrderJson.Default.Order))!;
        _acknowledged[order.Id] = order;
        return order;
    }
}
