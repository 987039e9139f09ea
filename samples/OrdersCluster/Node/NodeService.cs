using Engine.Extensions.Nats;
using Microsoft.AspNetCore.Http.HttpResults;
using Orders;

namespace OrdersCluster.Node;

/// <summary>The orders service of samples/Orders, put together over a replica.</summary>
internal static class NodeService
{
    /// <summary>The first argument of a process that is a node.</summary>
    public const string Command = "node";

    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddOrderApi();
        builder.Services.AddSingleton(builder.Configuration.GetSection("Cluster").Get<NodeSettings>() ?? new());
        builder.Services.AddSingleton<ReplicaHost>();
        builder.Services.AddHostedService(static provider => provider.GetRequiredService<ReplicaHost>());
        builder.Services.AddScoped<RequestPosition>();
        builder.Services.AddScoped<IOrderStore, ReplicatedOrders>();
        builder.Services.AddExceptionHandler<ReplicaExceptionHandler>();

        var app = builder.Build();
        app.UseMiddleware<ConsistencyMiddleware>();
        app.UseOrderApi();
        app.MapGet("/health", Health);
        return app;
    }

    /// <summary>
    /// A node without a server still answers reads, and its writes wait for one: it stays in use.
    /// </summary>
    private static JsonHttpResult<NodeHealth> Health(ReplicaHost host, NodeSettings settings)
    {
        var status = host.Replica.Status;
        var health = new NodeHealth(
            status.Node,
            status.State.ToString(),
            status.AppliedSequence,
            status.Lag,
            status.History.ToString("x32"),
            status.Trouble?.Message);
        var isHealthy = status.State is not (ReplicaState.Failed or ReplicaState.Stalled)
            && status.Lag <= settings.MaxLag;
        return TypedResults.Json(
            health, statusCode: isHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
