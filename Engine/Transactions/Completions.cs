namespace Engine.Transactions;

/// <summary>How what somebody awaits is told to have failed.</summary>
internal static class Completions
{
    /// <summary>Ends the awaiting: as cancelled if that is what its own token did, or with the failure.</summary>
    public static void Fail<T>(
        this TaskCompletionSource<T> source, Exception failure, CancellationToken cancellationToken)
    {
        if (failure is OperationCanceledException cancelled && cancelled.CancellationToken == cancellationToken)
        {
            source.TrySetCanceled(cancellationToken);
        }
        else
        {
            source.TrySetException(failure);
        }
    }
}
