namespace Engine.Extensions.Nats.Log;

/// <summary>
/// Pauses that become longer while something goes wrong, and vary, so that nodes do not come together.
/// </summary>
internal sealed class Backoff
{
    private readonly TimeSpan _min;
    private readonly TimeSpan _max;
    private TimeSpan _next;

    public Backoff(ReplicaOptions options)
    {
        _min = options.MinBackoff;
        _max = options.MaxBackoff;
        _next = _min;
    }

    public void Reset() => _next = _min;

    public Task Wait(CancellationToken cancellationToken)
    {
        var pause = _next * (0.5 + Random.Shared.NextDouble());
        _next = _next * 2 < _max ? _next * 2 : _max;
        return Task.Delay(pause, cancellationToken);
    }
}
