using System.Diagnostics.CodeAnalysis;

namespace Engine.Transactions;

/// <content>
/// Who is in the transaction at this moment: one operation at a time, and the callers' code that one calls.
/// </content>
internal sealed partial class WriteContext
{
    private int _inUse;
    private volatile bool _isClosed;

    // The thread whose operation is calling the caller's code right now; 0 if none does.
    private int _callbackThread;

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
                "An operation of this transaction failed in the middle of a change, so it can only be aborted.",
                Failure);
        }
    }

    public void Exit() => Volatile.Write(ref _inUse, 0);

    /// <summary>
    /// Refuses, in a callback of this thread's operation, what waits for the operation to end. (Another thread that the
    /// callback waits for cannot be known to belong to it.)
    /// </summary>
    /// <param name="what">What it is, for the message.</param>
    public void RequireNoCallback(string what)
    {
        if (IsInCallback)
        {
            throw new InvalidOperationException(
                $"A fill callback must not {what}: the write transaction that calls it is in the middle of an "
                + "operation, which would be waited for. Do it when the operation has returned.");
        }
    }

    private bool IsInCallback => Volatile.Read(ref _callbackThread) == Environment.CurrentManagedThreadId;

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
            throw new InvalidOperationException(
                "A fill callback must not use the write transaction that calls it, which is in the middle of an "
                + "operation. Do it when the operation has returned.");
        }

        throw new InvalidOperationException(
            "The write transaction is used by another thread right now. "
            + "A write transaction serves one thread at a time.");
    }

    [DoesNotReturn]
    private static void ThrowEnded() =>
        throw new ObjectDisposedException(
            "WriteTransaction", "The write transaction has ended (committed, aborted, or its database was closed).");

    private void Fill<TState>(Span<byte> value, TState state, System.Buffers.SpanAction<byte, TState> fill)
        where TState : allows ref struct
    {
        value.Clear();
        Volatile.Write(ref _callbackThread, Environment.CurrentManagedThreadId);
        try
        {
            fill(value, state);
        }
        catch (Exception e)
        {
            // Whatever its type (it may be one that here means a refusal): the entry has no value now.
            Failure = e;
            throw;
        }
        finally
        {
            Volatile.Write(ref _callbackThread, 0);
        }
    }
}
