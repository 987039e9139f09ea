namespace Engine.Transactions;

/// <content>
/// Callbacks that write. They wait in a queue of their own, whose runner waits at the gate for all of them, calls one
/// after the other when its turn has come, and has each join the next flight: so a thousand callers need neither a
/// thousand threads nor a change of threads each. The runner is a flow of the pool; the first call of an idle database
/// is made on its caller's thread.
/// </content>
internal sealed partial class DatabaseWriter
{
    /// <summary>So many calls are made in one turn while others wait at the gate.</summary>
    private const int CallsPerTurn = 64;

    /// <summary>Guards the queue, and whether there is a runner.</summary>
    private readonly Lock _calling = new();
    private readonly Queue<WriteCall> _calls = new();
    private bool _isRunning;

    /// <summary>
    /// Whether leaving a transaction leaves the gate shut, for the next call. Only the runner that holds it sets this.
    /// </summary>
    private bool _keepsGate;

    /// <summary>Whether it was left shut.</summary>
    private bool _isGateKept;

    /// <summary>Calls back as soon as it is the call's turn. It is told what came of it.</summary>
    public void Post(WriteCall call)
    {
        ThrowIfUnusable();
        using (Uninterrupted.Enter(_calling))
        {
            _calls.Enqueue(call);
            if (_isRunning)
            {
                return;
            }

            _isRunning = true;
        }

        // The caller's thread serves one call, which is its own unless somebody was faster.
        _ = RunCalls(isCallers: true);
    }

    /// <summary>The runner: makes calls until there are none.</summary>
    /// <param name="isCallers">Whether the thread is a caller's, which is not to serve others for long.</param>
    private async Task RunCalls(bool isCallers)
    {
        do
        {
            try
            {
                await _gate.EnterAsync(Timeout.InfiniteTimeSpan, CancellationToken.None).ConfigureAwait(false);
            }
            catch (ThreadInterruptedException)
            {
                // Somebody who had this thread of the pool before was meant.
                continue;
            }
            catch (Exception e)
            {
                // Closed, most likely.
                FailCalls(e);
                return;
            }

            if (await ServeCalls(isCallers ? 1 : int.MaxValue).ConfigureAwait(false))
            {
                _gate.Exit();
            }

            if (!HasCalls())
            {
                return;
            }
        }
        while (!isCallers || !TryLeaveToPool());
    }

    /// <summary>Lets a thread of the pool be the runner.</summary>
    private bool TryLeaveToPool()
    {
        try
        {
            return ThreadPool.UnsafeQueueUserWorkItem(
                static writer => _ = writer.RunCalls(isCallers: false), this, preferLocal: false);
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    /// <summary>Makes calls as long as the gate may be kept. The caller holds it.</summary>
    /// <returns>Whether it still does.</returns>
    private async ValueTask<bool> ServeCalls(int limit)
    {
        for (var served = 0; served < limit && _gate.MayKeep(served < CallsPerTurn) && TryDequeue(out var call);)
        {
            if (call.TryCall())
            {
                served++;
                if (!await Serve(call).ConfigureAwait(false))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Makes one call in a transaction of its own. The caller holds the gate.</summary>
    /// <returns>Whether it still does.</returns>
    private async ValueTask<bool> Serve(WriteCall call)
    {
        var transaction = call.Transaction;
        try
        {
            transaction.Start(Begin(transaction.Origin));
        }
        catch (Exception e)
        {
            // Closed or poisoned; the gate is open.
            call.Fail(e);
            return false;
        }

        _isGateKept = false;
        try
        {
            await call.Invoke().ConfigureAwait(false);
            transaction.CommitFor(call);
        }
        catch (Exception e)
        {
            await AbortFor(transaction).ConfigureAwait(false);
            call.Fail(e);
        }

        // If the callback has ended the transaction by itself, the gate is open.
        return _isGateKept;
    }

    private static async ValueTask AbortFor(ICallTransaction transaction)
    {
        try
        {
            while (!transaction.TryAbortFor())
            {
                // The callback has left another thread in the transaction, in the middle of an operation.
                await Task.Delay(1).ConfigureAwait(false);
            }
        }
        catch (Exception)
        {
            // Out of memory, most likely: all that it shared a commit with were told.
        }
    }

    /// <summary>
    /// Ends the transaction of a call, which was entered, and goes on holding the gate: it shares the next commit. The
    /// call is told what comes of it.
    /// </summary>
    public void CommitFor(WriteCall call)
    {
        ulong? id;
        _keepsGate = true;
        try
        {
            if (TryPrepare(call.IsDeferred, departs: true, call, call.CancellationToken, out id))
            {
                // There can be no flusher.
                id = Fly(null, call, call.IsDeferred, call.CancellationToken);
            }
        }
        finally
        {
            _keepsGate = false;
        }

        if (id is { } seen)
        {
            call.Complete(seen);
        }
    }

    /// <summary>Aborts the transaction of a call, which was entered, and goes on holding the gate.</summary>
    public void AbortFor()
    {
        _keepsGate = true;
        try
        {
            Abort();
        }
        finally
        {
            _keepsGate = false;
        }
    }

    private bool HasCalls()
    {
        using (Uninterrupted.Enter(_calling))
        {
            // No runner and no call: whoever calls next runs.
            return _isRunning = _calls.Count > 0;
        }
    }

    private bool TryDequeue(out WriteCall call)
    {
        using (Uninterrupted.Enter(_calling))
        {
            return _calls.TryDequeue(out call!);
        }
    }

    private void FailCalls(Exception failure)
    {
        while (HasCalls())
        {
            if (TryDequeue(out var call) && call.TryCall())
            {
                call.Fail(failure);
            }
        }
    }
}
