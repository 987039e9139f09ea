using System.Diagnostics.CodeAnalysis;

namespace Engine.Transactions;

/// <content>
/// Who is in the transaction at this moment: one operation at a time.
/// </content>
internal sealed partial class WriteContext
{
    private int _inUse;
    private volatile bool _isClosed;

    /// <summary>
    /// Enters an operation of a transaction: one at a time, and only while it runs. Two threads in one transaction are
    /// told so instead of corrupting it.
    /// </summary>
    /// <param name="serial">The transaction's serial.</param>
    /// <param name="isEnding">Whether the operation ends the transaction, which it may do even after a failure.</param>
    public void Enter(long serial, bool isEnding = false)
    {
        if (serial != Serial)
        {
            ThrowEnded();
        }

        if (Interlocked.CompareExchange(ref _inUse, 1, 0) != 0)
        {
            ThrowInUse();
        }

        if (serial != Serial)
        {
            Exit();
            ThrowEnded();
        }

        if (Failure is not null && !isEnding)
        {
            Exit();
            RequireIntact();
        }
    }

    /// <summary>Refuses to go on with a transaction whose trees may be in pieces.</summary>
    public void RequireIntact()
    {
        if (Failure is not null)
        {
            throw new InvalidOperationException(
                "An operation of this transaction has ended in the middle, so it can only be aborted. "
                + $"What went wrong: {Failure.Message}",
                Failure);
        }
    }

    public void Exit() => Volatile.Write(ref _inUse, 0);

    /// <summary>Waits until no operation is under way, and lets none begin: for closing the database.</summary>
    public void EnterForGood()
    {
        // First, so that whoever is turned away by what follows is told why.
        _isClosed = true;
        while (Interlocked.CompareExchange(ref _inUse, 1, 0) != 0)
        {
            Uninterrupted.Sleep(1);
        }
    }

    [DoesNotReturn]
    private void ThrowInUse()
    {
        if (_isClosed)
        {
            ThrowEnded();
        }

        if (IsInCallback)
        {
            ThrowInCallback();
        }

        throw new InvalidOperationException(
            "The write transaction is used by another thread right now. "
            + "A write transaction serves one thread at a time.");
    }

    [DoesNotReturn]
    private static void ThrowEnded() =>
        throw new ObjectDisposedException(
            "WriteTransaction", "The write transaction has ended (committed, aborted, or its database was closed).");
}
