using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Orders.Tests;

/// <summary>A service of its own for each test, and a client of it.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class ServiceTest : IDisposable
{
    private protected ServiceTest()
    {
        Service = new ServiceFactory();
        Http = Service.CreateClient();
    }

    private protected ServiceFactory Service { get; }

    private protected HttpClient Http { get; }

    public void Dispose()
    {
        Http.Dispose();
        Service.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static NewOrder NewOrder(string customer = "ada", int quantity = 2, decimal price = 9.95m) =>
        new(customer, [new OrderLine("tea", quantity, price)]);

    private protected async Task<Order> PlaceAsync(string customer = "ada")
    {
        using var response = await Http.PostAsJsonAsync("/orders", NewOrder(customer), OrderJson.Default.NewOrder);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        return (await response.Content.ReadFromJsonAsync(OrderJson.Default.Order))!;
    }

    private protected async Task<HttpResponseMessage> ChangeAsync(long id, OrderStatus? status, string? ifMatch)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Put, string.Create(CultureInfo.InvariantCulture, $"/orders/{id}/status"))
        {
            Content = JsonContent.Create(new StatusChange(status), OrderJson.Default.StatusChange),
        };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await Http.SendAsync(request);
    }

    private protected async Task<Order> ChangedAsync(Order order, OrderStatus status)
    {
        using var response = await ChangeAsync(order.Id, status, $"\"{order.Version}\"");
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return (await response.Content.ReadFromJsonAsync(OrderJson.Default.Order))!;
    }

    private protected async Task<OrderPage> ListAsync(string query) =>
        (await Http.GetFromJsonAsync($"/orders{query}", OrderJson.Default.OrderPage))!;

    /// <summary>The problem details of an answer, which must have this status.</summary>
    private protected static async Task<JsonObject> ProblemAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(status), text);
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
        return JsonNode.Parse(text)!.AsObject();
    }
}
