namespace Engine.Transactions;

/// <summary>
/// An operation, or a callback, of a write transaction, from where it enters (<see cref="TransactionState"/>) to where
/// the caller's <c>using</c> ends. A default one is within a callback that holds the transaction already, and leaves
/// nothing.
/// </summary>
internal readonly struct TransactionScope : IDisposable
{
    private readonly TransactionState? _state;

    public TransactionScope(TransactionState state)
    {
        _state = state;
    }

    /// <summary>Whether this is not within a callback that holds the transaction.</summary>
    public bool IsOuter => _state is not null;

    public void Dispose() => _state?.Exit();
}
