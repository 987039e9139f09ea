namespace Engine.Bench.Writers.Clients;

/// <summary>Tells all clients of a run what phase it is in, and is told when one of them fails.</summary>
internal sealed class ClientSignal : IDisposable
{
    private readonly ManualResetEventSlim _isBroken = new(initialState: false);
    private volatile ClientPhase _phase;
    private Exception? _failure;

    public ClientPhase Phase => _phase;

    /// <summary>What ended the first client that failed; null if none did.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>Begins a phase, unless a client has failed: then it is over.</summary>
    public void Enter(ClientPhase phase)
    {
        _phase = phase;
        if (Failure is not null)
        {
            _phase = ClientPhase.Over;
        }
    }

    /// <summary>Waits so long, or until a client fails.</summary>
    public void Sleep(TimeSpan time) => _isBroken.Wait(time);

    public void Fail(Exception failure)
    {
        Interlocked.CompareExchange(ref _failure, failure, null);
        _phase = ClientPhase.Over;
        _isBroken.Set();
    }

    public void Dispose() => _isBroken.Dispose();
}
