using Engine.Extensions.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers <see cref="EngineMetrics"/>.</summary>
public static class EngineMetricsServiceCollectionExtensions
{
    /// <summary>
    /// Registers the metrics of the engine for an endpoint that Prometheus reads. They are counted from before the host
    /// starts. Calling it again changes nothing.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <example>
    /// <code>
    /// builder.Services.AddEngine("app.db").AddEngineMetrics();
    /// app.MapGet("/metrics", (EngineMetrics metrics) => metrics.ToPrometheusText());
    /// </code>
    /// </example>
    public static IServiceCollection AddEngineMetrics(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<EngineMetrics>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, EngineMetricsStart>());
        return services;
    }

    /// <summary>The host makes its services before it starts any, and with this one the metrics.</summary>
    private sealed class EngineMetricsStart : IHostedService
    {
        public EngineMetricsStart(EngineMetrics metrics) => ArgumentNullException.ThrowIfNull(metrics);

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
