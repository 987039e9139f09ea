namespace Engine.Transactions;

/// <summary>
/// A callback that is to write, and its caller who awaits the result. The transaction's turn is the runner's; that of
/// the callback comes when those before it have been called.
/// </summary>
internal abstract class WriteCall(ICallTransaction transaction) : CommitTicket
{
    private const int Waiting = 0;
    private const int Called = 1;
    private const int Cancelled = 2;

    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private int _state;
    private ValueTask _work;

    public required bool IsDeferred { get; init; }

    public required CancellationToken CancellationToken { get; init; }

    /// <summary>The transaction that the callback gets.</summary>
    public ICallTransaction Transaction => transaction;

    /// <summary>It is this one's turn.</summary>
    /// <returns>False if the caller has given it up.</returns>
    public bool TryCall() => Interlocked.CompareExchange(ref _state, Called, Waiting) == Waiting;

    /// <summary>The caller does not wait for the turn any more, if it has not come yet.</summary>
    /// <param name="reason">What the caller is told.</param>
    public void GiveUp(Exception reason)
    {
        if (Interlocked.CompareExchange(ref _state, Cancelled, Waiting) == Waiting)
        {
            Fail(reason);
        }
    }

    /// <summary>The turn has not come in time.</summary>
    public void TimeOut() => GiveUp(transaction.Timeout());

    /// <summary>Calls back, in the context of the caller.</summary>
    /// <returns>When the callback has done its work; what it threw is in there.</returns>
    public ValueTask Invoke()
    {
        if (_context is null)
        {
            return InvokeHere();
        }

        ExecutionContext.Run(_context, static call => ((WriteCall)call!).KeepWork(), this);
        return _work;
    }

#pragma warning disable CA2012 // It is taken out once, by the one who called this.
    private void KeepWork() => _work = InvokeHere();
#pragma warning restore CA2012

    /// <summary>Calls back and keeps the result.</summary>
    protected abstract ValueTask InvokeHere();
}
