using System.Net;
using System.Net.Http.Json;
using Orders;
using OrdersCluster.Node;

namespace OrdersCluster.Tests;

/// <summary>What requests to several nodes see, and that one that is sent twice counts once.</summary>
[Category("Process"), NonParallelizable]
public class RequestTests : ClusterTest
{
    [Test]
    public async Task Order_PlacedThroughTheOneUrl_IsReadByItsWriterOnEveryNode()
    {
        for (var round = 0; round < 10; round++)
        {
            var (placed, sequence) = await PlaceAsync(new Uri("/orders", UriKind.Relative));
            for (var node = 0; node < Cluster.NodeUrls.Count; node++)
            {
                using var response = await GetAsync(At(node, $"/orders/{placed.Id}"), sequence);
                Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
                Assert.That(response.Headers.GetValues("X-Node").Single(), Is.EqualTo($"node-{node + 1}"));
                placed.RequireSame(await response.Content.ReadFromJsonAsync(OrderJson.Default.Order));
            }
        }
    }

    [Test]
    public async Task Reader_WhoAsksForLinearizable_SeesWhatAnybodyWrote()
    {
        for (var round = 0; round < 10; round++)
        {
            var (placed, _) = await PlaceAsync(At(round % 3, "/orders"));
            var page = await ListAsync(
                At((round + 1) % 3, $"/orders?customer={Customer}&limit=1&consistency=linearizable"));
            Assert.That(page.Orders.Select(static order => order.Id), Is.EqualTo(new[] { placed.Id }));
        }
    }

    [Test]
    public async Task Pages_FromDifferentNodes_AreOfOneList()
    {
        var expected = new List<long>();
        var sequence = "";
        for (var i = 0; i < 25; i++)
        {
            var (placed, _) = await PlaceAsync(At(i % 3, "/orders"));
            (placed, sequence) = await ChangeAsync(At((i + 1) % 3, "/"), placed, OrderStatus.Paid);
            expected.Insert(0, placed.Id);
        }

        foreach (var filter in new[] { $"customer={Customer}", $"customer={Customer}&status=paid" })
        {
            var found = new List<long>();
            string? next = null;
            for (var page = 0; page == 0 || next is not null; page++)
            {
                using var response = await GetAsync(
                    At(page % 3, $"/orders?limit=7&{filter}{(next is null ? "" : "&after=")}{next}"), sequence);
                var orders = (await response.Content.ReadFromJsonAsync(OrderJson.Default.OrderPage))!;
                found.AddRange(orders.Orders.Select(static order => order.Id));
                next = orders.Next;
            }

            Assert.That(found, Is.EqualTo(expected));
        }

        Assert.That((await ListAsync(At(0, $"/orders?customer={Customer}&status=open"))).Orders, Is.Empty);
    }

    [Test]
    public async Task Order_PlacedTwiceWithOneKey_OnTwoNodes_IsOne()
    {
        var key = Guid.CreateVersion7();

        var (first, _) = await PlaceAsync(At(0, "/orders"), key);
        var (second, _) = await PlaceAsync(At(1, "/orders"), key);

        first.RequireSame(second);
        Assert.That((await ListAsync(At(1, $"/orders?customer={Customer}"))).Orders, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Orders_WhoseKeysGiveOneNumber_AreBothPlaced()
    {
        var one = Guid.CreateVersion7();
        var bytes = one.ToByteArray(bigEndian: true);
        bytes[9] ^= 1;
        var other = new Guid(bytes, bigEndian: true);
        Assert.That(OrderNumber.Of(other, 0), Is.EqualTo(OrderNumber.Of(one, 0)));

        var (first, _) = await PlaceAsync(At(0, "/orders"), one);
        var (second, _) = await PlaceAsync(At(1, "/orders"), other);
        var (again, _) = await PlaceAsync(At(2, "/orders"), other);

        Assert.That(second.Id, Is.EqualTo(first.Id + 1));
        second.RequireSame(again);
    }

    [Test]
    public async Task Change_SentTwiceWithOneKey_IsMadeOnce_AndOneWithAnotherKeyIsRefused()
    {
        var (placed, _) = await PlaceAsync(At(0, "/orders"));
        var key = Guid.CreateVersion7();

        var (paid, _) = await ChangeAsync(At(1, "/"), placed, OrderStatus.Paid, key);
        var (again, _) = await ChangeAsync(At(2, "/"), placed, OrderStatus.Paid, key);
        await ChangeAsync(
            At(0, "/"), placed, OrderStatus.Paid, Guid.CreateVersion7(), HttpStatusCode.PreconditionFailed);

        Assert.That((paid.Version, paid.Status), Is.EqualTo((2, OrderStatus.Paid)));
        paid.RequireSame(again);
    }

    [Test]
    public async Task Changes_OfManyAtOnceOnAllNodes_LetOneWin()
    {
        var (placed, _) = await PlaceAsync(At(0, "/orders"));

        var codes = await Task.WhenAll(Enumerable.Range(0, 15).Select(async i =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, At(i % 3, $"/orders/{placed.Id}/status"))
            {
                Content = JsonContent.Create(
                    new StatusChange(i % 2 == 0 ? OrderStatus.Paid : OrderStatus.Cancelled),
                    OrderJson.Default.StatusChange),
                Headers = { { "If-Match", "\"1\"" } },
            };
            using var response = await Http.SendAsync(request);
            return response.StatusCode;
        }));

        Assert.That(codes.Count(static code => code == HttpStatusCode.OK), Is.EqualTo(1));
        Assert.That(codes.Count(static code => code == HttpStatusCode.PreconditionFailed), Is.EqualTo(14));
    }

    [TestCase("/orders?consistency=some", null, "consistency is linearizable")]
    [TestCase("/orders", "-1", "X-Sequence is a number")]
    public async Task Request_ThatAsksForWhatThereIsNot_IsTold(string path, string? sequence, string problem)
    {
        using var response = await GetAsync(At(0, path), sequence);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain(problem));
    }

    [TestCase("77", TestName = "A key that is no UUID")]
    [TestCase("01890a5d-ac96-774b-bcce-b302099a8057", TestName = "A key of 2023")]
    [TestCase("3f2504e0-4f89-41d3-9a0c-0305e82c3301", TestName = "A key of version 4")]
    public async Task Key_ThatIsNone_IsRefused(string key)
    {
        Http.DefaultRequestHeaders.Add(RequestPosition.KeyHeader, key);
        using var response = await GetAsync(At(0, "/orders"));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Reader_WhoHasSeenWhatThereIsNot_IsToldToComeAgain()
    {
        using var response = await GetAsync(At(0, "/orders"), "1000000000");
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(response.Headers.RetryAfter, Is.Not.Null);
    }

    [Test]
    public async Task HealthAndMetrics_OfANode_TellHowFarItIs()
    {
        await PlaceAsync(At(0, "/orders"));
        Assert.That(
            await Http.GetStringAsync(At(0, "/health")),
            Does.Contain("\"node\":\"node-1\"").And.Contain("\"lag\":").And.Contain("\"applied\":"));
        Assert.That(
            await Http.GetStringAsync(At(0, "/metrics")),
            Does.Contain("engine_db_commits_total{").And.Contain("engine_replica_lag_seconds_bucket"));
    }
}
