using Microsoft.Extensions.Hosting;

namespace Engine.Extensions.Hosting;

/// <summary>
/// Opens a database before any other service of the host starts, so that a failure ends the start; and closes it after
/// all of them have stopped, the server and its requests among them.
/// </summary>
internal sealed class HostedDatabaseLifetime(HostedDatabase database) : IHostedLifecycleService
{
    /// <summary>
    /// Opening cannot be interrupted: what is cancelled meanwhile is closed again.
    /// </summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Task.Run(database.Open, CancellationToken.None).ConfigureAwait(false);
        if (cancellationToken.IsCancellationRequested)
        {
            await database.CloseAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Takes the time that it takes, even if the host has no patience left: deferred commits are made durable.
    /// </summary>
    public Task StoppedAsync(CancellationToken cancellationToken) => database.CloseAsync().AsTask();
}
