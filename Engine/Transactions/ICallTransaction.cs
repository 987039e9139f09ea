using System.Diagnostics;

namespace Engine.Transactions;

/// <summary>The transaction that a callback gets, as the one sees it who calls back.</summary>
internal interface ICallTransaction
{
    /// <summary>Where it was asked for, if that is to be known.</summary>
    StackTrace? Origin { get; }

    /// <summary>Is the transaction that has begun.</summary>
    void Start(RunningWrite running);

    /// <summary>Leaves its changes to the next commit, of which the call is told. The gate stays shut.</summary>
    void CommitFor(WriteCall call);

    /// <summary>Aborts if it has not ended; then the gate stays shut.</summary>
    /// <returns>False if another thread is in it.</returns>
    bool TryAbortFor();

    /// <summary>What is told to a caller whose turn did not come in time.</summary>
    WriterTimeoutException Timeout();
}
