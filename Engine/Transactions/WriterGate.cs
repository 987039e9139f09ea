namespace Engine.Transactions;

/// <summary>
/// Lets one writer in at a time, in the order of arrival, with one exception: a thread that waits here goes before a
/// flow (an asynchronous writer) whose continuation has yet to find a thread. Otherwise all threads of the pool could
/// wait here for the turn of a flow that waits for a thread of the pool. A flow is overtaken only until its thread
/// comes, which then waits, if it must, for the end of one turn, with nobody before it. The gate is not bound to
/// threads: a transaction may be begun on one and ended on another.
/// </summary>
/// <remarks>
/// Invariants, under the lock: while the gate is free nobody waits who is there; and the first of the flows has been
/// called. Every way out of the queue, and out of the gate, ends in <see cref="Advance"/>. Nothing in here is ended by
/// an interruption but the waiting itself.
/// </remarks>
internal sealed class WriterGate
{
    private static readonly Action<object?> Cancel = static waiter => ((GateWaiter)waiter!).Cancel();
    private static readonly Action<object?> TimeOut = static waiter => ((GateWaiter)waiter!).TimeOut();

    private readonly Lock _lock = new();
    private readonly LinkedList<GateWaiter> _threads = new();
    private readonly LinkedList<GateWaiter> _flows = new();
    private GateWaiter? _first;
    private long _arrivals;
    private bool _isTaken;

    /// <summary>Whether it is taken by nobody yet but whoever enters first.</summary>
    private bool _isReserved;
    private bool _isClosed;

    /// <summary>How many wait.</summary>
    public int Waiting
    {
        get
        {
            using (Uninterrupted.Enter(_lock))
            {
                return _threads.Count + _flows.Count;
            }
        }
    }

    /// <summary>Takes the gate if nobody holds it; false also after it was closed.</summary>
    public bool TryEnter()
    {
        using (Uninterrupted.Enter(_lock))
        {
            return !_isClosed && TryTake(isThread: true);
        }
    }

    /// <summary>Takes the gate, blocking the thread until it is this caller's turn.</summary>
    /// <param name="timeout">How long to wait; infinite: as long as it takes.</param>
    /// <param name="cancellationToken">Gives the place in the queue up.</param>
    /// <returns>False if the time is over.</returns>
    /// <exception cref="ObjectDisposedException">The gate was closed.</exception>
    /// <exception cref="ThreadInterruptedException">The thread was interrupted while it waited.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public bool Enter(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using (Uninterrupted.Enter(_lock))
        {
            ThrowIfClosed();
            if (TryTake(isThread: true))
            {
                return true;
            }
        }

        if (timeout == TimeSpan.Zero)
        {
            return false;
        }

        var waiter = new GateWaiter(this, isThread: true);
        if (Join(waiter))
        {
            return true;
        }

        try
        {
            using var cancelling = cancellationToken.UnsafeRegister(Cancel, waiter);
            return Wait(waiter, timeout, cancellationToken);
        }
        catch
        {
            PassOn(waiter);
            throw;
        }
    }

    /// <summary>
    /// Takes the gate before all who wait or come: for the one who commits what others wait for. One at a time does
    /// this. Not ended by an interruption.
    /// </summary>
    /// <param name="timeout">How long to wait; infinite: as long as it takes.</param>
    /// <returns>
    /// <see cref="GateState.Granted"/>, <see cref="GateState.TimedOut"/> or <see cref="GateState.Closed"/>.
    /// </returns>
    public GateState EnterFirst(TimeSpan timeout)
    {
        if (TryTakeFirst(null) is { } state)
        {
            return state;
        }

        var waiter = new GateWaiter(this, isThread: true);
        if (TryTakeFirst(waiter) is { } changed)
        {
            return changed;
        }

        Uninterrupted.Wait(waiter.Turn!, timeout);
        return Leave(waiter, GateState.TimedOut);
    }

    /// <summary>Takes the gate when it is this caller's turn.</summary>
    /// <param name="timeout">How long to wait; infinite: as long as it takes.</param>
    /// <param name="cancellationToken">Gives the place in the queue up.</param>
    /// <returns>False if the time is over.</returns>
    /// <exception cref="ObjectDisposedException">The gate was closed.</exception>
    public async ValueTask<bool> EnterAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using (Uninterrupted.Enter(_lock))
        {
            ThrowIfClosed();
            if (TryTake(isThread: false))
            {
                return true;
            }
        }

        // Neither the source's timer nor the registrations keep the caller's execution context.
        var waiter = new GateWaiter(this, isThread: false);
        using var clock = timeout == Timeout.InfiniteTimeSpan ? null : new CancellationTokenSource(timeout);
        if (Join(waiter))
        {
            return true;
        }

        try
        {
            using var cancelling = cancellationToken.UnsafeRegister(Cancel, waiter);
            using var expiring = (clock?.Token ?? default).UnsafeRegister(TimeOut, waiter);
            await waiter.Call!.Task.ConfigureAwait(false);

            // From here on there is a thread.
            var turn = new ManualResetEventSlim();
            return Come(waiter, turn)
                ? Conclude(waiter.State, cancellationToken)
                : Wait(waiter, Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch
        {
            PassOn(waiter);
            throw;
        }
    }

    /// <summary>Whether the holder may go on to hold it for another turn.</summary>
    /// <param name="evenIfOthersWait">Whether those in the queue may be kept waiting.</param>
    public bool MayKeep(bool evenIfOthersWait)
    {
        using (Uninterrupted.Enter(_lock))
        {
            return _first is null && !_isClosed && (evenIfOthersWait || _threads.Count + _flows.Count == 0);
        }
    }

    /// <summary>Hands the gate to the next in line.</summary>
    public void Exit()
    {
        using (Uninterrupted.Enter(_lock))
        {
            _isTaken = false;
            Advance();
        }
    }

    /// <summary>
    /// Hands the gate to the one who is first (<see cref="EnterFirst"/>), and to nobody else, though he may have yet to
    /// come.
    /// </summary>
    public void ExitToFirst()
    {
        using (Uninterrupted.Enter(_lock))
        {
            if (_first is { } first)
            {
                Grant(first);
            }
            else
            {
                _isReserved = true;
            }
        }
    }

    /// <summary>The one for whom the gate was kept will not come: hands it to the next in line.</summary>
    public void EndReservation()
    {
        using (Uninterrupted.Enter(_lock))
        {
            if (_isReserved)
            {
                _isReserved = false;
                _isTaken = false;
                Advance();
            }
        }
    }

    /// <summary>Refuses everyone from now on, those who wait included. Whoever holds the gate keeps it.</summary>
    public void Close()
    {
        using (Uninterrupted.Enter(_lock))
        {
            _isClosed = true;
            if (_first is { } first)
            {
                Remove(first, GateState.Closed);
                first.Wake();
            }

            foreach (var queue in (ReadOnlySpan<LinkedList<GateWaiter>>)[_threads, _flows])
            {
                while (queue.First is { } node)
                {
                    queue.Remove(node);
                    node.Value.State = GateState.Closed;
                    node.Value.Wake();
                }
            }
        }
    }

    /// <summary>Takes a waiter out of the queue, if it still waits.</summary>
    /// <returns>What has become of it: <paramref name="reason"/>, or what came before.</returns>
    public GateState Leave(GateWaiter waiter, GateState reason)
    {
        using (Uninterrupted.Enter(_lock))
        {
            if (waiter.State == GateState.Waiting)
            {
                Remove(waiter, reason);
                waiter.Wake();
                Advance();
            }

            return waiter.State;
        }
    }

    private static bool Conclude(GateState state, CancellationToken cancellationToken)
    {
        switch (state)
        {
            case GateState.Granted:
                return true;
            case GateState.Cancelled:
                throw new OperationCanceledException("The wait to write was cancelled.", cancellationToken);
            case GateState.Closed:
                ThrowClosed();
                return false;
            default:
                return false;
        }
    }

    private static void ThrowClosed() =>
        throw new ObjectDisposedException("Database", "The database was closed while a writer waited.");

    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            ThrowClosed();
        }
    }

    /// <summary>Takes the gate for the one who is first, whoever waits.</summary>
    /// <param name="waiter">Is first from now on if somebody holds the gate; null: then nobody is.</param>
    /// <returns>What has become of it; null if it waits, or would have to.</returns>
    private GateState? TryTakeFirst(GateWaiter? waiter)
    {
        using (Uninterrupted.Enter(_lock))
        {
            if (_isClosed)
            {
                return GateState.Closed;
            }

            if (_isTaken && !_isReserved)
            {
                _first = waiter ?? _first;
                return null;
            }

            _isReserved = false;
            _isTaken = true;
            return GateState.Granted;
        }
    }

    private bool TryTake(bool isThread) =>
        !_isTaken && _first is null && (isThread || _flows.Count == 0) && (_isTaken = true);

    /// <summary>Takes the gate, or joins the queue.</summary>
    /// <returns>Whether the gate was taken.</returns>
    private bool Join(GateWaiter waiter)
    {
        using (Uninterrupted.Enter(_lock))
        {
            ThrowIfClosed();
            if (TryTake(waiter.IsThread))
            {
                return true;
            }

            waiter.Arrival = _arrivals++;
            (waiter.IsThread ? _threads : _flows).AddLast(waiter.Node);
            return false;
        }
    }

    /// <summary>
    /// Waits, on this thread, until something has become of a waiter. The caller passes its turn on if this throws.
    /// </summary>
    private bool Wait(GateWaiter waiter, TimeSpan timeout, CancellationToken cancellationToken)
    {
        waiter.Turn!.Wait(timeout, CancellationToken.None);
        return Conclude(Leave(waiter, GateState.TimedOut), cancellationToken);
    }

    /// <summary>The thread of a flow has come.</summary>
    /// <returns>Whether something has become of it; otherwise it must wait.</returns>
    private bool Come(GateWaiter waiter, ManualResetEventSlim turn)
    {
        using (Uninterrupted.Enter(_lock))
        {
            if (waiter.State == GateState.Waiting)
            {
                if (_isTaken || _first is not null)
                {
                    waiter.Turn = turn;
                    return false;
                }

                _isTaken = true;
                Remove(waiter, GateState.Granted);
            }

            return true;
        }
    }

    /// <summary>Whoever waited leaves by an exception. If its turn came at that moment, the next one has it.</summary>
    private void PassOn(GateWaiter waiter)
    {
        if (Leave(waiter, GateState.Failed) == GateState.Granted)
        {
            // Once only, whatever else fails on the way out.
            waiter.State = GateState.Failed;
            Exit();
        }
    }

    private void Remove(GateWaiter waiter, GateState state)
    {
        if (ReferenceEquals(waiter, _first))
        {
            _first = null;
        }
        else
        {
            (waiter.IsThread ? _threads : _flows).Remove(waiter.Node);
        }

        waiter.State = state;
    }

    /// <summary>
    /// If the gate is free: gives it to whoever is next, or to the first thread if the next is a flow that is not
    /// there; calls that one.
    /// </summary>
    private void Advance()
    {
        if (_isTaken)
        {
            return;
        }

        if (_first is { } first)
        {
            Grant(first);
            return;
        }

        var thread = _threads.First?.Value;
        var flow = _flows.First?.Value;
        if (flow is not null && (thread is null || flow.Arrival < thread.Arrival))
        {
            if (flow.IsThere)
            {
                Grant(flow);
                return;
            }

            if (thread is not null)
            {
                Grant(thread);
            }

            if (!flow.IsCalled)
            {
                // In this order: if there is not even the memory for calling it, whoever leaves the gate next calls
                // again.
                flow.Call!.TrySetResult();
                flow.IsCalled = true;
            }
        }
        else if (thread is not null)
        {
            Grant(thread);
        }
    }

    private void Grant(GateWaiter waiter)
    {
        _isTaken = true;
        Remove(waiter, GateState.Granted);
        waiter.Wake();
    }
}
