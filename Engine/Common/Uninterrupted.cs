namespace Engine;

/// <summary>
/// Waiting that <see cref="Thread.Interrupt"/> does not end, for what has to be done to its end: passing a turn on,
/// publishing, closing. The interruption is not lost: it comes at the thread's next wait that may be interrupted.
/// </summary>
internal static class Uninterrupted
{
    /// <summary>Takes a lock; dispose the scope to give it back.</summary>
    public static Lock.Scope Enter(Lock held)
    {
        try
        {
            return held.EnterScope();
        }
        catch (ThreadInterruptedException)
        {
            Run(held, static held => held.Enter());
        }

        // It is held already; a lock counts how often.
        var scope = held.EnterScope();
        held.Exit();
        Thread.CurrentThread.Interrupt();
        return scope;
    }

    /// <summary>Sets an event; whoever waits for it is woken.</summary>
    public static void Set(ManualResetEventSlim turn) => Run(turn, static turn => turn.Set());

    /// <summary>Waits for an event, for some time at most, or infinitely.</summary>
    public static void Wait(ManualResetEventSlim turn, TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            Run(turn, static turn => turn.Wait());
        }
        else
        {
            Run(
                (Turn: turn, End: Environment.TickCount64 + (long)Math.Ceiling(timeout.TotalMilliseconds)),
                static wait => wait.Turn.Wait((int)Math.Max(0, wait.End - Environment.TickCount64)));
        }
    }

    public static void Sleep(int milliseconds) => Run(milliseconds, static milliseconds => Thread.Sleep(milliseconds));

    public static void Join(Thread thread) => Run(thread, static thread => thread.Join());

    /// <summary>Does it again until no interruption comes in between.</summary>
    private static void Run<T>(T argument, Action<T> wait)
    {
        var isInterrupted = false;
        while (true)
        {
            try
            {
                wait(argument);
                break;
            }
            catch (ThreadInterruptedException)
            {
                isInterrupted = true;
            }
        }

        if (isInterrupted)
        {
            Thread.CurrentThread.Interrupt();
        }
    }
}
