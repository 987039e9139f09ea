using Engine.Extensions.Hosting.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Engine.Extensions.Hosting.Tests;

/// <summary>The database of a web server that stops while requests are open.</summary>
[Category("Process"), NonParallelizable, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RequestTests : HostingTest, IDisposable
{
    private readonly HttpClient _http = new();
    private readonly TaskCompletionSource _begun = new();
    private readonly TaskCompletionSource _goOn = new();
    private readonly TaskCompletionSource<Exception?> _outcome = new();

    public void Dispose() => _http.Dispose();

    [Test]
    public async Task Stop_WithARequestThatIsOpen_WaitsForIt_AndKeepsWhatItWrites()
    {
        await using var app = await StartAsync(TimeSpan.FromSeconds(30));
        var request = _http.PostAsync(Address(app), null);
        await _begun.Task.WaitAsync(TimeSpan.FromSeconds(30));

        var stopping = app.StopAsync();
        while (!app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await Task.Yield();
        }

        Assert.That(stopping.IsCompleted, Is.False);
        _goOn.SetResult();

        using var response = await request;
        Assert.That(response.IsSuccessStatusCode, Is.True);
        await stopping;
        Assert.That(GetFromFile(), Is.EqualTo(5));
    }

    [Test]
    public async Task Stop_WithARequestThatDoesNotEnd_ClosesTheDatabase_AndTheRequestIsTold()
    {
        await using var app = await StartAsync(TimeSpan.FromSeconds(0.3));
        Put(app.Services.GetRequiredService<Database>(), 1);
        var request = _http.PostAsync(Address(app), null);
        await _begun.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await app.StopAsync();
        _goOn.SetResult();

        Assert.That(await _outcome.Task.WaitAsync(TimeSpan.FromSeconds(30)), Is.TypeOf<ObjectDisposedException>());
        Assert.That(async () => await request, Throws.TypeOf<HttpRequestException>());
        Assert.That(GetFromFile(), Is.EqualTo(1));
    }

    private static Uri Address(WebApplication app) => new(app.Urls.Single());

    private async Task<WebApplication> StartAsync(TimeSpan patience)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = Folder.Root });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.AddProvider(Log);
        builder.Services.AddEngine("test.db").AddRouting();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = patience);
        var app = builder.Build();
        app.MapPost("/", async (Database database) =>
        {
            _begun.SetResult();
            await _goOn.Task;
            try
            {
                await database.WriteAsync(5L, static (tx, value) => Put(tx, value));
                _outcome.SetResult(null);
            }
            catch (Exception e)
            {
                _outcome.SetResult(e);
                throw;
            }

            return Results.Ok();
        });
        await app.StartAsync();
        return app;
    }
}
