using Engine.Extensions.Nats;

namespace OrdersCluster.Node;

/// <summary>
/// Opens the replica before the first request is taken, and closes it after the last one was answered. Servers may come
/// later than the node, and a node that was away is brought up to date before it is asked anything.
/// </summary>
internal sealed partial class ReplicaHost(NodeSettings settings, ILogger<ReplicaHost> log) : IHostedService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private Replica? _replica;

    public Replica Replica => _replica ?? throw new InvalidOperationException("The host was not started.");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _replica = await RetryAsync(OpenAsync, cancellationToken);
        await RetryAsync(
            async token =>
            {
                await _replica.CatchUpAsync(token);
                return true;
            },
            cancellationToken);
        Opened(settings.Node, _replica.AppliedSequence);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_replica is not null)
        {
            await _replica.DisposeAsync();
            Closed(settings.Node, _replica.AppliedSequence);
        }
    }

    private Task<Replica> OpenAsync(CancellationToken cancellationToken) => Replica.OpenAsync(
        new ReplicaOptions
        {
            Name = settings.Database,
            Directory = settings.Directory,
            Servers = settings.Servers,
            NodeName = settings.Node,
            WriteTimeout = TimeSpan.FromSeconds(15),
        },
        cancellationToken);

    private async Task<T> RetryAsync<T>(Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await step(cancellationToken);
            }
            catch (Exception e) when (e is NoServerException or NoQuorumException)
            {
                Waiting(settings.Node, e.Message);
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "{Node} is open, with {Applied} messages of the log")]
    private partial void Opened(string node, ulong applied);

    [LoggerMessage(LogLevel.Information, "{Node} is closed, with {Applied} messages of the log")]
    private partial void Closed(string node, ulong applied);

    [LoggerMessage(LogLevel.Information, "{Node} waits: {Reason}")]
    private partial void Waiting(string node, string reason);
}
