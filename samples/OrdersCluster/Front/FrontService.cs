using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace OrdersCluster.Front;

/// <summary>One URL for all nodes: in turn those that are healthy, and another one if one does not answer.</summary>
internal static class FrontService
{
    private const string Nodes = "nodes";

    public static WebApplication Build(Uri url, IEnumerable<Uri> nodes)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls(url.ToString());
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Services.AddReverseProxy().LoadFromMemory(
            [
                new RouteConfig
                {
                    RouteId = Nodes,
                    ClusterId = Nodes,
                    Match = new RouteMatch { Path = "{**path}" },
                },
            ],
            [
                new ClusterConfig
                {
                    ClusterId = Nodes,
                    LoadBalancingPolicy = LoadBalancingPolicies.RoundRobin,
                    HealthCheck = new HealthCheckConfig
                    {
                        // If none seems to be healthy, one may be all the same.
                        AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
                        Active = new ActiveHealthCheckConfig
                        {
                            Enabled = true,
                            Interval = TimeSpan.FromMilliseconds(500),
                            Timeout = TimeSpan.FromSeconds(5),
                            Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures,
                            Path = "/health",
                        },
                    },
                    Destinations = nodes.ToDictionary(
                        static node => node.Authority,
                        static node => new DestinationConfig { Address = node.ToString() }),
                },
            ]);

        var app = builder.Build();
        app.MapReverseProxy(static pipeline =>
        {
            pipeline.UseMiddleware<RetryMiddleware>();
            pipeline.UseLoadBalancing();
        });
        return app;
    }
}
