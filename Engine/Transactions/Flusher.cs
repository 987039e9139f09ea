namespace Engine.Transactions;

/// <summary>
/// The thread of a database that waits for the disk on behalf of others: it commits for who must not block its thread,
/// and flushes deferred commits when they are due. One thread, because the database does one of these at a time anyway;
/// its own, because all threads of the pool may be waiting for what it does. It starts when it is first needed, keeps
/// nothing of the context of who needed it, and ends when it has been idle for some seconds.
/// </summary>
/// <param name="clock">Milliseconds that never go back.</param>
/// <param name="flushIfDue">Flushes if it is time; says when it will be next, at the latest. Throws nothing.</param>
/// <param name="mayStart">Whether there may be a thread at all.</param>
internal sealed class Flusher(Func<long> clock, Func<long> flushIfDue, bool mayStart = true) : IDisposable
{
    /// <summary>A time that never comes.</summary>
    public const long Never = long.MaxValue;

    private const int IdleMilliseconds = 5000;

    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _news = new();
    private readonly Queue<FlusherJob> _jobs = new();
    private long _due = Never;
    private Thread? _thread;
    private bool _isClosed;

    /// <summary>Lets the thread run a job after those before it.</summary>
    /// <returns>False if there is no thread for it: closed, or the system gives no more.</returns>
    public bool TryPost(FlusherJob job)
    {
        using (Uninterrupted.Enter(_lock))
        {
            if (_isClosed || !TryStart())
            {
                return false;
            }

            _jobs.Enqueue(job);
        }

        Wake();
        return true;
    }

    /// <summary>
    /// Lets the thread flush when the time has come. If there can be no thread, others must see to it.
    /// </summary>
    public void Schedule(long due)
    {
        using (Uninterrupted.Enter(_lock))
        {
            if (_isClosed || due >= _due || !TryStart())
            {
                return;
            }

            _due = due;
        }

        Wake();
    }

    /// <summary>Lets the thread look for what there is to do; for clocks that are set, too.</summary>
    public void Wake() => Uninterrupted.Set(_news);

    /// <summary>Runs what was posted, and ends the thread. Nothing is taken on any more.</summary>
    public void Dispose()
    {
        Thread? thread;
        using (Uninterrupted.Enter(_lock))
        {
            _isClosed = true;
            thread = _thread;
        }

        Wake();
        if (thread is not null)
        {
            Uninterrupted.Join(thread);
        }

        _news.Dispose();
    }

    private bool TryStart()
    {
        if (_thread is not null || !mayStart)
        {
            return mayStart;
        }

        var thread = new Thread(Run) { IsBackground = true, Name = "Engine flusher" };
        try
        {
            thread.UnsafeStart();
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            return false;
        }

        _thread = thread;
        return true;
    }

    private void Run()
    {
        while (TryTake(out var job))
        {
            if (job is not null)
            {
                job.Run();
                continue;
            }

            var next = flushIfDue();
            using (_lock.EnterScope())
            {
                // Unless somebody has said meanwhile that it will be earlier.
                _due = Math.Min(_due, next);
            }
        }
    }

    /// <summary>Waits for something to do: a job, or (null) the time of the next flush.</summary>
    /// <returns>False if the thread is to end.</returns>
    private bool TryTake(out FlusherJob? job)
    {
        for (var isIdle = false; ;)
        {
            long rest;
            using (_lock.EnterScope())
            {
                _news.Reset();
                if (_jobs.TryDequeue(out job))
                {
                    return true;
                }

                rest = _due == Never ? Never : Math.Max(0, _due - clock());
                if (_isClosed || (isIdle && rest == Never))
                {
                    _thread = null;
                    return false;
                }

                if (rest == 0)
                {
                    _due = Never;
                    return true;
                }
            }

            isIdle = !_news.Wait((int)Math.Min(rest, IdleMilliseconds));
        }
    }
}
