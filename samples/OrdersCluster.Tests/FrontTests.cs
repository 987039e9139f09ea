using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrdersCluster.Front;
using OrdersCluster.Launching;
using OrdersCluster.Node;

namespace OrdersCluster.Tests;

/// <summary>The front, before nodes that are none.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class FrontTests
{
    private readonly ConcurrentQueue<(string Node, string Key, string Body)> _seen = new();

    [Test]
    public async Task Requests_GoToAllNodesInTurn()
    {
        await using var a = await StartNodeAsync("a");
        await using var b = await StartNodeAsync("b");
        await using var front = await StartFrontAsync(UrlOf(a), UrlOf(b));
        using var http = new HttpClient { BaseAddress = UrlOf(front) };

        for (var i = 0; i < 10; i++)
        {
            await http.GetStringAsync("/orders");
        }

        Assert.That(_seen.Count(static one => one.Node == "a"), Is.EqualTo(5));
    }

    [Test]
    public async Task Request_ToANodeThatBreaksOff_IsAnsweredByAnotherOne_WithTheSameKeyAndBody()
    {
        await using var broken = await StartNodeAsync("broken", static context => context.Abort());
        await using var sound = await StartNodeAsync("sound");
        await using var front = await StartFrontAsync(UrlOf(broken), UrlOf(sound));
        using var http = new HttpClient { BaseAddress = UrlOf(front) };

        for (var i = 0; i < 6; i++)
        {
            using var answer = await http.PostAsync("/orders", new StringContent($"order {i}"));
            Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo("sound"));
        }

        foreach (var request in _seen.GroupBy(static one => one.Body))
        {
            Assert.That(request.Select(static one => one.Key).Distinct().Count(), Is.EqualTo(1));
            Assert.That(request.Count(static one => one.Node == "sound"), Is.EqualTo(1));
        }

        Assert.That(_seen.Select(static one => one.Key).Distinct().Count(), Is.EqualTo(6));
        Assert.That(_seen.Any(static one => one.Node == "broken"));
    }

    [Test]
    public async Task Request_WhenNoNodeIsThere_IsABadGateway()
    {
        var ports = Ports.Take(2);
        await using var front = await StartFrontAsync(
            [.. ports.Select(static port => new Uri($"http://127.0.0.1:{port}"))]);
        using var http = new HttpClient { BaseAddress = UrlOf(front) };

        using var answer = await http.GetAsync("/orders");

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadGateway));
    }

    private static Uri UrlOf(WebApplication app) => new(app.Urls.First());

    private static async Task<WebApplication> StartFrontAsync(params Uri[] nodes)
    {
        var front = FrontService.Build(new Uri("http://127.0.0.1:0"), nodes);
        await front.StartAsync();
        return front;
    }

    private async Task<WebApplication> StartNodeAsync(string name, Action<HttpContext>? misbehave = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet("/health", static () => "well");
        app.MapFallback(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var key = context.Request.Headers[RequestPosition.KeyHeader].ToString();
            _seen.Enqueue((name, key, await reader.ReadToEndAsync()));
            misbehave?.Invoke(context);
            await context.Response.WriteAsync(name);
        });
        await app.StartAsync();
        return app;
    }
}
