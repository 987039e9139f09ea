using Engine.Extensions.Hosting;

namespace Orders;

/// <summary>The service, put together.</summary>
internal static class OrderService
{
    private const int MaxRequestBytes = 64 * 1024;

    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Limits.MaxRequestBodySize = MaxRequestBytes);
        builder.Services.AddEngine(builder.Configuration.GetSection("Engine"));
        builder.Services.AddEngineMetrics();
        builder.Services.AddHealthChecks().AddEngine();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<OrderStore>();
        builder.Services.AddHostedService(static provider => provider.GetRequiredService<OrderStore>());
        builder.Services.AddProblemDetails();
        builder.Services.ConfigureHttpJsonOptions(
            static json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, OrderJson.Default));

        // A body that is no JSON is the client's mistake in every environment.
        builder.Services.Configure<RouteHandlerOptions>(static options => options.ThrowOnBadRequest = false);
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.MapOrders();
        app.MapHealthChecks("/health");
        app.MapGet("/metrics", static (EngineMetrics metrics) => metrics.ToPrometheusText());
        return app;
    }
}
