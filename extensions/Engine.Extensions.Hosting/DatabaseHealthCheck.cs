using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Engine.Extensions.Hosting;

/// <summary>Tells how a database is. Does no I/O.</summary>
internal sealed class DatabaseHealthCheck(HostedDatabase database) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var failure = context.Registration.FailureStatus;
        return Task.FromResult(
            database.Watch?.Check(failure) ?? new HealthCheckResult(failure, "The database is not open yet."));
    }
}
