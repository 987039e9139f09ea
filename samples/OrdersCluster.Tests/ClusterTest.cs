using System.Net;
using System.Net.Http.Json;
using Orders;
using OrdersCluster.Launching;
using OrdersCluster.Node;

namespace OrdersCluster.Tests;

/// <summary>Requests to the cluster, through the one URL or to a node of it.</summary>
public abstract class ClusterTest
{
    /// <summary>A customer of its own for each test.</summary>
    private protected string Customer { get; private set; } = null!;

    private protected LocalCluster Cluster { get; private set; } = null!;

    private protected HttpClient Http { get; private set; } = null!;

    [SetUp]
    public async Task ConnectAsync()
    {
        Customer = $"customer-{Guid.NewGuid():N}";
        Cluster = await ClusterFixture.GetAsync();

        // Without cookies: what a request is to see is said in each test.
        Http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = Cluster.Url };
    }

    [TearDown]
    public void Disconnect() => Http?.Dispose();

    /// <summary>A URL of a node.</summary>
    private protected Uri At(int node, string path) => new(Cluster.NodeUrls[node], path);

    private protected async Task<(Order Order, string Sequence)> PlaceAsync(Uri url, Guid? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = JsonContent.Create(
                new NewOrder(Customer, [new OrderLine("tea", 2, 9.95m)]), OrderJson.Default.NewOrder),
        };
        return await SendAsync(request, key, HttpStatusCode.Created);
    }

    private protected async Task<(Order Order, string Sequence)> ChangeAsync(
        Uri url, Order seen, OrderStatus status, Guid? key = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(url, $"/orders/{seen.Id}/status"))
        {
            Content = JsonContent.Create(new StatusChange(status), OrderJson.Default.StatusChange),
            Headers = { { "If-Match", $"\"{seen.Version}\"" } },
        };
        return await SendAsync(request, key, expected);
    }

    private protected async Task<HttpResponseMessage> GetAsync(Uri url, string? sequence = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (sequence is not null)
        {
            request.Headers.Add(RequestPosition.SequenceHeader, sequence);
        }

        return await Http.SendAsync(request);
    }

    private protected async Task<OrderPage> ListAsync(Uri url)
    {
        using var response = await GetAsync(url);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return (await response.Content.ReadFromJsonAsync(OrderJson.Default.OrderPage))!;
    }

    private async Task<(Order Order, string Sequence)> SendAsync(
        HttpRequestMessage request, Guid? key, HttpStatusCode expected)
    {
        if (key is not null)
        {
            request.Headers.Add(RequestPosition.KeyHeader, key.ToString());
        }

        using var response = await Http.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(expected), await response.Content.ReadAsStringAsync());
        return response.IsSuccessStatusCode
            ? ((await response.Content.ReadFromJsonAsync(OrderJson.Default.Order))!,
                response.Headers.GetValues(RequestPosition.SequenceHeader).Single())
            : (null!, "");
    }
}
