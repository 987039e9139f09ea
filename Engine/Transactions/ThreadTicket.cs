using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Engine.Transactions;

/// <summary>A thread that waits for a commit. It has one ticket, because it waits for one commit at a time.</summary>
[SuppressMessage("Design", "CA1001", Justification = "It lives as long as its thread, and its event has no handle.")]
internal sealed class ThreadTicket : CommitTicket
{
    [ThreadStatic]
    private static ThreadTicket? _current;

    // Waiting is for a flush: to spin would only take the processor from those whose turn it is.
    private readonly ManualResetEventSlim _told = new(initialState: false, spinCount: 0);
    private ulong _id;
    private Exception? _failure;

    public override bool MayBlock => true;

    /// <summary>That of this thread, for the next commit.</summary>
    public static ThreadTicket Take()
    {
        var ticket = _current ??= new ThreadTicket();
        ticket._told.Reset();
        ticket._failure = null;
        ticket.Renew();
        return ticket;
    }

    /// <summary>
    /// Blocks the thread. Not ended by an interruption: what is waited for is decided, and would not be known.
    /// </summary>
    /// <returns>The id of the state.</returns>
    public ulong Wait()
    {
        Uninterrupted.Wait(_told, Timeout.InfiniteTimeSpan);
        if (_failure is { } failure)
        {
            _failure = null;
            ExceptionDispatchInfo.Throw(failure);
        }

        return _id;
    }

    public override void Complete(ulong id)
    {
        _id = id;
        Uninterrupted.Set(_told);
    }

    public override void Fail(Exception failure)
    {
        _failure = failure;
        Uninterrupted.Set(_told);
    }
}
