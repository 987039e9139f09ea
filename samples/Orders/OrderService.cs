using Engine.Extensions.Hosting;

namespace Orders;

/// <summary>The service, put together.</summary>
internal static class OrderService
{
    private const int MaxRequestBytes = 64 * 1024;

    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddOrderApi();
        builder.Services.AddEngine(builder.Configuration.GetSection("Engine"));
        builder.Services.AddHealthChecks().AddEngine();
        builder.Services.AddSingleton<OrderStore>();
        builder.Services.AddSingleton<IOrderStore>(static provider => provider.GetRequiredService<OrderStore>());
        builder.Services.AddHostedService(static provider => provider.GetRequiredService<OrderStore>());
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseOrderApi();
        app.MapHealthChecks("/health");
        return app;
    }

    /// <summary>What the endpoints need, wherever the orders are kept.</summary>
    public static void AddOrderApi(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Limits.MaxRequestBodySize = MaxRequestBytes);
        builder.Services.AddEngineMetrics();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddProblemDetails();
        builder.Services.ConfigureHttpJsonOptions(
            static json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, OrderJson.Default));

        // A body that is no JSON is the client's mistake in every environment.
        builder.Services.Configure<RouteHandlerOptions>(static options => options.ThrowOnBadRequest = false);
    }

    /// <summary>The endpoints, and what is told of failures.</summary>
    public static void UseOrderApi(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.MapOrders();
        app.MapGet("/metrics", static (EngineMetrics metrics) => metrics.ToPrometheusText());
    }
}
