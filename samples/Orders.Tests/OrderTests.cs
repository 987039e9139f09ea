using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Orders.Tests;

/// <summary>Placing, getting and changing orders by HTTP.</summary>
public class OrderTests : ServiceTest
{
    [Test]
    public async Task Post_PlacesAnOrder_WhichIsFoundWhereItIsSaidToBe()
    {
        using var response = await Http.PostAsJsonAsync("/orders", NewOrder(), OrderJson.Default.NewOrder);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        Assert.That(response.Headers.ETag!.Tag, Is.EqualTo("\"1\""));
        var placed = (await response.Content.ReadFromJsonAsync(OrderJson.Default.Order))!;
        Assert.That(
            (placed.Id, placed.Customer, placed.Status, placed.Total),
            Is.EqualTo((1, "ada", OrderStatus.Open, 19.9m)));

        var found = (await Http.GetFromJsonAsync(response.Headers.Location, OrderJson.Default.Order))!;
        Assert.That(found with { Lines = placed.Lines }, Is.EqualTo(placed));
        Assert.That(found.Lines, Is.EqualTo(placed.Lines));
    }

    [TestCase("""{"customer":"","lines":[{"article":"tea","quantity":1,"price":1}]}""", "customer")]
    [TestCase("""{"lines":[{"article":"tea","quantity":1,"price":1}]}""", "customer")]
    [TestCase("""{"customer":"a\u0000b","lines":[{"article":"tea","quantity":1,"price":1}]}""", "customer")]
    [TestCase("""{"customer":"ada","lines":[]}""", "lines")]
    [TestCase("""{"customer":"ada","lines":[null]}""", "lines[0]")]
    [TestCase("""{"customer":"ada","lines":[{"quantity":1,"price":1}]}""", "lines[0].article")]
    [TestCase("""{"customer":"ada","lines":[{"article":"tea","quantity":0,"price":1}]}""", "lines[0].quantity")]
    [TestCase("""{"customer":"ada","lines":[{"article":"tea","quantity":1,"price":-1}]}""", "lines[0].price")]
    [TestCase("""{"customer":"ada","lines":[{"article":"tea","quantity":1,"price":0.001}]}""", "lines[0].price")]
    public async Task Post_OfWhatIsNoOrder_NamesTheMember(string body, string member)
    {
        using var response = await PostAsync(body);

        var problem = await ProblemAsync(response, HttpStatusCode.BadRequest);
        Assert.That(problem["errors"]!.AsObject().Select(static error => error.Key), Does.Contain(member));
        Assert.That((await ListAsync("")).Orders, Is.Empty);
    }

    [Test]
    public async Task Post_OfTooManyLines_IsRefused()
    {
        var order = new NewOrder("ada", [.. Enumerable.Repeat(new OrderLine("tea", 1, 1), 101)]);
        using var response = await Http.PostAsJsonAsync("/orders", order, OrderJson.Default.NewOrder);

        var problem = await ProblemAsync(response, HttpStatusCode.BadRequest);
        Assert.That(problem["errors"]!["lines"]![0]!.GetValue<string>(), Does.Contain("1 to 100"));
    }

    [TestCase("{")]
    [TestCase("null")]
    [TestCase("""{"customer":5}""")]
    public async Task Post_OfWhatIsNoJsonOfAnOrder_IsABadRequest(string body)
    {
        using var response = await PostAsync(body);
        await ProblemAsync(response, HttpStatusCode.BadRequest);
    }

    [TestCase("/orders/1")]
    [TestCase("/orders/-1")]
    [TestCase("/orders/ada")]
    public async Task Get_OfWhatIsNotThere_IsNotFound(string path)
    {
        using var response = await Http.GetAsync(path);
        await ProblemAsync(response, HttpStatusCode.NotFound);
    }

    [Test]
    public async Task Get_WithTheTagThatIsCurrent_SendsNothing()
    {
        var order = await PlaceAsync();
        Http.DefaultRequestHeaders.Add("If-None-Match", "\"1\"");
        Assert.That((await Http.GetAsync($"/orders/{order.Id}")).StatusCode, Is.EqualTo(HttpStatusCode.NotModified));

        await ChangedAsync(order, OrderStatus.Paid);
        Assert.That((await Http.GetAsync($"/orders/{order.Id}")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Put_WithTheTagThatWasSeen_ChangesTheOrder()
    {
        var order = await PlaceAsync();

        var paid = await ChangedAsync(order, OrderStatus.Paid);
        var shipped = await ChangedAsync(paid, OrderStatus.Shipped);

        Assert.That((shipped.Status, shipped.Version), Is.EqualTo((OrderStatus.Shipped, 3)));
    }

    [TestCase("\"1\"")]
    [TestCase("\"3\"")]
    [TestCase("\"x\"")]
    [TestCase("W/\"2\"")]
    public async Task Put_WithAnotherTag_IsRefused_AndTellsTheCurrentOne(string tag)
    {
        var order = await ChangedAsync(await PlaceAsync(), OrderStatus.Paid);

        using var response = await ChangeAsync(order.Id, OrderStatus.Shipped, tag);

        await ProblemAsync(response, HttpStatusCode.PreconditionFailed);
        Assert.That(response.Headers.ETag!.Tag, Is.EqualTo("\"2\""));
        Assert.That((await ListAsync("?status=paid")).Orders, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Put_WithoutATag_AsksForOne()
    {
        var order = await PlaceAsync();
        using var response = await ChangeAsync(order.Id, OrderStatus.Paid, ifMatch: null);
        var problem = await ProblemAsync(response, HttpStatusCode.PreconditionRequired);
        Assert.That(problem["detail"]!.GetValue<string>(), Does.Contain("If-Match"));
    }

    [Test]
    public async Task Put_OfAStatusThatCannotFollow_IsAConflict()
    {
        var order = await PlaceAsync();
        using var response = await ChangeAsync(order.Id, OrderStatus.Shipped, "\"1\"");
        await ProblemAsync(response, HttpStatusCode.Conflict);
    }

    [Test]
    public async Task Put_WithoutAStatus_OrWithoutAnOrder_IsRefused()
    {
        using var none = await ChangeAsync(1, status: null, "\"1\"");
        await ProblemAsync(none, HttpStatusCode.BadRequest);
        using var unknown = await ChangeAsync(1, (OrderStatus)77, "\"1\"");
        await ProblemAsync(unknown, HttpStatusCode.BadRequest);
        using var missing = await ChangeAsync(1, OrderStatus.Paid, "\"1\"");
        await ProblemAsync(missing, HttpStatusCode.NotFound);
    }

    [Test]
    public async Task Put_OfManyAtOnce_LetsOneWin()
    {
        var order = await PlaceAsync();

        var codes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            using var response = await ChangeAsync(
                order.Id, i % 2 == 0 ? OrderStatus.Paid : OrderStatus.Cancelled, "\"1\"");
            return response.StatusCode;
        }));

        Assert.That(codes.Count(static code => code == HttpStatusCode.OK), Is.EqualTo(1));
        Assert.That(codes.Count(static code => code == HttpStatusCode.PreconditionFailed), Is.EqualTo(19));
    }

    [Test]
    public async Task Health_IsHealthy()
    {
        await PlaceAsync();
        Assert.That(await Http.GetStringAsync("/health"), Is.EqualTo("Healthy"));
    }

    [Test]
    public async Task Metrics_CountWhatIsPlaced()
    {
        await PlaceAsync();
        Assert.That(await Http.GetStringAsync("/metrics"), Does.Contain("engine_db_commits_total{"));
    }

    [Test]
    public async Task Summary_IsConsistent_WhateverIsPlacedMeanwhile()
    {
        var store = Service.Services.GetRequiredService<OrderStore>();
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var order = await store.PlaceAsync(NewOrder(), CancellationToken.None);
                await store.ChangeAsync(order.Id, 1, OrderStatus.Paid, CancellationToken.None);
            }
        });
        var transactions = new HashSet<ulong>();
        while (transactions.Count < 20)
        {
            var summary = (await Http.GetFromJsonAsync("/summary", OrderJson.Default.Summary))!;
            Assert.That(summary.IsConsistent, Is.True);
            transactions.Add(summary.Transaction);
        }

        await stop.CancelAsync();
        await writer;
    }

    [Test]
    public async Task Export_IsOneState_WhateverIsPlacedMeanwhile()
    {
        for (var i = 0; i < 250; i++)
        {
            await PlaceAsync();
        }

        using var response = await Http.GetAsync("/export", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(), Encoding.UTF8);
        var first = await reader.ReadLineAsync();
        await PlaceAsync();
        await ChangedAsync((await Http.GetFromJsonAsync("/orders/250", OrderJson.Default.Order))!, OrderStatus.Paid);
        var lines = new List<string> { first! };
        while (await reader.ReadLineAsync() is { } line)
        {
            lines.Add(line);
        }

        Assert.That(response.Headers.Contains("X-Transaction"), Is.True);
        var orders = lines
            .Select(static line => System.Text.Json.JsonSerializer.Deserialize(line, OrderJson.Default.Order)!)
            .ToList();
        Assert.That(orders.Select(static order => order.Id), Is.EqualTo(Enumerable.Range(1, 250)));
        Assert.That(orders.Select(static order => order.Status), Is.All.EqualTo(OrderStatus.Open));
    }

    private async Task<HttpResponseMessage> PostAsync(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await Http.PostAsync("/orders", content);
    }
}
