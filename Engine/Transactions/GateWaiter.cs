namespace Engine.Transactions;

/// <summary>What has become of somebody who waits at the <see cref="WriterGate"/>.</summary>
internal enum GateState
{
    Waiting,

    /// <summary>It is this one's turn, until it leaves the gate.</summary>
    Granted,

    Cancelled,
    TimedOut,

    /// <summary>Waiting ended by an exception: an interruption, most likely.</summary>
    Failed,

    /// <summary>Nobody is let in any more.</summary>
    Closed,
}

/// <summary>
/// A place in the queue of the <see cref="WriterGate"/>, under whose lock everything in here changes. Whoever has one
/// has made it before joining, so that nothing can fail between joining and waiting.
/// </summary>
internal sealed class GateWaiter
{
    private readonly WriterGate _gate;

    /// <param name="gate">The gate.</param>
    /// <param name="isThread">Whether a thread waits, or a flow that needs one when its turn comes.</param>
    public GateWaiter(WriterGate gate, bool isThread)
    {
        _gate = gate;
        Node = new LinkedListNode<GateWaiter>(this);
        if (isThread)
        {
            Turn = new ManualResetEventSlim();
        }
        else
        {
            Call = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public LinkedListNode<GateWaiter> Node { get; }

    /// <summary>Counts those who came before.</summary>
    public long Arrival { get; set; }

    public GateState State { get; set; }

    /// <summary>
    /// Ends the waiting of a thread. A flow has it from when its thread has come and must wait for another turn to end.
    /// </summary>
    public ManualResetEventSlim? Turn { get; set; }

    /// <summary>Of a flow: completed when it is to find itself a thread and come, whatever for.</summary>
    public TaskCompletionSource? Call { get; }

    public bool IsThread => Call is null;

    /// <summary>Whether a flow was called to take its turn.</summary>
    public bool IsCalled { get; set; }

    /// <summary>Whether it can go on at once: there is a thread that does nothing but wait.</summary>
    public bool IsThere => Turn is not null;

    public void Cancel() => _gate.Leave(this, GateState.Cancelled);

    public void TimeOut() => _gate.Leave(this, GateState.TimedOut);

    /// <summary>Tells it that its state has changed.</summary>
    public void Wake()
    {
        if (Turn is { } turn)
        {
            Uninterrupted.Set(turn);
        }
        else
        {
            Call!.TrySetResult();
        }
    }
}
