using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Orders.Tests;

/// <summary>Lists of orders, page by page.</summary>
public class PagingTests : ServiceTest
{
    [TestCase("")]
    [TestCase("customer=ada")]
    [TestCase("status=paid")]
    [TestCase("customer=ada&status=paid")]
    public async Task Pages_HaveEachOrderOnce_TheNewestFirst_WhateverIsPlacedMeanwhile(string filter)
    {
        var expected = new List<long>();
        for (var i = 0; i < 60; i++)
        {
            var order = await PlaceAsync(i % 2 == 0 ? "ada" : "ben");
            var isPaid = i % 3 == 0;
            if (isPaid)
            {
                await ChangedAsync(order, OrderStatus.Paid);
            }

            if ((isPaid || !filter.Contains("paid")) && (i % 2 == 0 || !filter.Contains("ada")))
            {
                expected.Insert(0, order.Id);
            }
        }

        var found = new List<long>();
        var page = await ListAsync($"?limit=7&{filter}");
        while (page.Next is not null)
        {
            Assert.That(page.Orders, Has.Count.EqualTo(7));
            found.AddRange(page.Orders.Select(static order => order.Id));
            await ChangedAsync(await PlaceAsync(), OrderStatus.Paid);
            page = await ListAsync($"?limit=7&{filter}&after={page.Next}");
        }

        found.AddRange(page.Orders.Select(static order => order.Id));

        Assert.That(found, Is.EqualTo(expected));
    }

    [Test]
    public async Task LastPage_ThatIsFull_HasNoNext()
    {
        var store = Service.Services.GetRequiredService<OrderStore>();
        for (var i = 0; i < 40; i++)
        {
            await store.PlaceAsync(NewOrder(), CancellationToken.None);
        }

        var first = await ListAsync("");
        Assert.That(first.Orders, Has.Count.EqualTo(20));
        var second = await ListAsync($"?after={first.Next}");
        Assert.That(second.Orders, Has.Count.EqualTo(20));
        Assert.That(second.Next, Is.Null);
    }

    [Test]
    public async Task Customer_WhoseNameBeginsAnother_IsNotTheOther()
    {
        await PlaceAsync("ada");
        await PlaceAsync("adam");
        Assert.That((await ListAsync("?customer=ada")).Orders, Has.Count.EqualTo(1));
        Assert.That((await ListAsync("?customer=ad")).Orders, Is.Empty);
    }

    [TestCase("limit=0", "limit")]
    [TestCase("limit=101", "limit")]
    [TestCase("status=lost", "status")]
    [TestCase("status=1", "status")]
    [TestCase("customer=", "customer")]
    [TestCase("after=!", "after")]
    [TestCase("after=", "after")]
    [TestCase("after=MQ", "after")]
    public async Task Query_ThatIsNone_NamesTheParameter(string query, string parameter)
    {
        using var response = await Http.GetAsync($"/orders?{query}");
        var problem = await ProblemAsync(response, HttpStatusCode.BadRequest);
        Assert.That(problem["errors"]!.AsObject().Select(static error => error.Key), Is.EqualTo(new[] { parameter }));
    }

    [Test]
    public async Task Token_OfAnotherQuery_IsRefused()
    {
        await PlaceAsync();
        await PlaceAsync();
        var page = await ListAsync("?limit=1&customer=ada");

        using var other = await Http.GetAsync($"/orders?limit=1&customer=ben&after={page.Next}");
        await ProblemAsync(other, HttpStatusCode.BadRequest);
        using var longer = await Http.GetAsync($"/orders?customer=ada&after={page.Next}{new string('A', 4000)}");
        await ProblemAsync(longer, HttpStatusCode.BadRequest);
        Assert.That((await ListAsync($"?limit=50&customer=ada&after={page.Next}")).Orders, Has.Count.EqualTo(1));
    }
}
