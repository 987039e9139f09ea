using Engine.Extensions.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets the health of an application depend on its databases.</summary>
public static class EngineHealthChecksBuilderExtensions
{
    /// <summary>
    /// Checks a database that was registered with <c>AddEngine</c> or <c>AddKeyedEngine</c>. Unhealthy: nothing can be
    /// committed any more, because a write to the disk has failed, or because the database is closed. Degraded: what
    /// <see cref="EngineHealthOptions"/> has limits for. The check does no I/O and waits for nobody: what has to be
    /// asked of the system is sampled in the background.
    /// </summary>
    /// <param name="builder">The checks of the application.</param>
    /// <param name="serviceKey">The key of the database; null: the one without a key.</param>
    /// <param name="name">
    /// The name of the check; null: <c>engine</c>, followed by a dash and the key if there is one.
    /// </param>
    /// <param name="failureStatus">What it is if nothing can be committed.</param>
    /// <param name="tags">Tags of the check.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <example>
    /// <code>
    /// builder.Services.AddHealthChecks().AddEngine();
    /// app.MapHealthChecks("/health");
    /// </code>
    /// </example>
    public static IHealthChecksBuilder AddEngine(
        this IHealthChecksBuilder builder,
        string? serviceKey = null,
        string? name = null,
        HealthStatus failureStatus = HealthStatus.Unhealthy,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name ?? (serviceKey is null ? "engine" : $"engine-{serviceKey}"),
            provider => new DatabaseHealthCheck(
                provider.GetKeyedService<HostedDatabase>(serviceKey ?? Options.Options.DefaultName)
                ?? throw new InvalidOperationException(
                    serviceKey is null
                        ? "There is no database to check: call AddEngine of the services."
                        : $"There is no database to check with the key '{serviceKey}': call AddKeyedEngine.")),
            failureStatus,
            tags));
    }
}
