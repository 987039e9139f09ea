using System.Diagnostics.CodeAnalysis;

namespace Engine.Transactions;

/// <content>The caller's code within an operation: what it may do there is told from what another thread does.</content>
internal sealed partial class WriteContext
{
    private const string FillRule =
        "The callback that fills a value runs in the middle of an operation of its write transaction: in there "
        + "the transaction can be neither used nor ended, and its database neither written to, flushed, checked nor "
        + "closed. "
        + "Do it when the operation has returned.";

    private const string ReadRule =
        "The callback of WriteTransaction.Read looks at the pages of its write transaction: in there "
        + "the transaction can only be read, neither changed nor committed, aborted or disposed, "
        + "and its database neither written to, flushed, checked nor closed. Do it when the callback has returned.";

    // The thread whose operation is calling the caller's code right now; 0 if none does.
    private int _callbackThread;
    private Callback _callback;

    private enum Callback
    {
        Read,
        Fill,
    }

    private bool IsInCallback =>
        Volatile.Read(ref _callbackThread) is var thread && thread != 0 && thread == Environment.CurrentManagedThreadId;

    /// <summary>Refuses, in a callback of this thread's operation, what would wait for the operation to end.</summary>
    public void RequireNoCallback()
    {
        if (IsInCallback)
        {
            ThrowInCallback();
        }
    }

    private void BeginCallback(Callback callback)
    {
        _callback = callback;
        Volatile.Write(ref _callbackThread, Environment.CurrentManagedThreadId);
    }

    private void EndCallback() => Volatile.Write(ref _callbackThread, 0);

    [DoesNotReturn]
    private void ThrowInCallback() =>
        throw new InvalidOperationException(_callback == Callback.Read ? ReadRule : FillRule);

    private void Fill<TState>(Span<byte> value, TState state, System.Buffers.SpanAction<byte, TState> fill)
        where TState : allows ref struct
    {
        value.Clear();
        BeginCallback(Callback.Fill);
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
            EndCallback();
        }
    }
}
