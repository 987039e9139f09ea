using Microsoft.Extensions.Logging;

namespace Engine.Extensions.Caching;

/// <summary>
/// The thread that writes: after the first change it waits for others to collect, then writes all of them. It also
/// writes renewals and sweeps, each in its own time. If writing fails it tells the log once and tries again each
/// second.
/// </summary>
internal sealed partial class BackgroundWriter : IDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly CacheWriter _writer;
    private readonly PendingEntries _pending;
    private readonly EngineCacheOptions _options;
    private readonly ILogger _log;
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly Thread? _thread;

    private int _isNotified;
    private volatile bool _isUrgent;
    private volatile bool _isStopping;
    private volatile Exception? _failure;
    private TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _nextRenewals;
    private long _nextSweep;

    public BackgroundWriter(CacheWriter writer, PendingEntries pending, EngineCacheOptions options, ILogger log)
    {
        (_writer, _pending, _options, _log) = (writer, pending, options, log);
        _nextRenewals = After(options.RenewalDelay);
        _nextSweep = After(options.SweepInterval);
        if (options.HasThread)
        {
            _thread = new Thread(Run) { IsBackground = true, Name = $"Engine cache {options.Name}" };
            _thread.Start();
        }
    }

    /// <summary>Why writing fails at present; null: it does not.</summary>
    public Exception? Failure => _failure;

    /// <summary>Ends when changes that wait now may have been written.</summary>
    public Task Written => Volatile.Read(ref _written).Task;

    /// <summary>There is something to write.</summary>
    public void Notify()
    {
        if (Interlocked.Exchange(ref _isNotified, 1) == 0)
        {
            _wake.Set();
        }
    }

    /// <summary>There is too much to write: now.</summary>
    public void Hurry()
    {
        if (!_isUrgent)
        {
            _isUrgent = true;
            _wake.Set();
        }
    }

    /// <summary>Ends the thread; what is not written stays where it is.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _wake.Set();
        _thread?.Join();
        _wake.Dispose();
    }

    private static long After(TimeSpan time) =>
        time == Timeout.InfiniteTimeSpan ? long.MaxValue : Environment.TickCount64 + (long)time.TotalMilliseconds;

    private void Run()
    {
        while (!_isStopping)
        {
            var wait = Math.Min(_nextRenewals, _nextSweep) - Environment.TickCount64;
            _wake.WaitOne((int)Math.Clamp(wait, 0, int.MaxValue));
            if (_isNotified == 1 && !_isUrgent && !_isStopping)
            {
                _wake.WaitOne(_options.WriteDelay);
            }

            if (!_isStopping)
            {
                Work();
            }
        }
    }

    private void Work()
    {
        // Taken back first: what comes from here on notifies again.
        _isUrgent = false;
        Volatile.Write(ref _isNotified, 0);
        try
        {
            if (!_pending.IsEmpty)
            {
                _writer.WritePending();
            }

            if (Environment.TickCount64 >= _nextRenewals)
            {
                _nextRenewals = After(_options.RenewalDelay);
                _writer.WriteRenewals();
            }

            if (Environment.TickCount64 >= _nextSweep)
            {
                _nextSweep = After(_options.SweepInterval);
                var removed = _writer.RemoveExpired(CancellationToken.None);
                LogSwept(_log, _options.Name, removed);
            }

            if (_failure is not null)
            {
                _failure = null;
                LogRecovered(_log, _options.Name);
            }
        }
#pragma warning disable CA1031 // Whatever it is: a thread that dies of it would take the process along.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (_failure is null && !_isStopping)
            {
                LogFailed(_log, e, _options.Name);
            }

            _failure = e;
            if (!_isStopping)
            {
                // Not cut short by those who wait for room.
                Thread.Sleep(RetryDelay);
                Notify();
            }
        }

        Interlocked.Exchange(ref _written, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    [LoggerMessage(1, LogLevel.Debug, "Cache {Name}: {Removed} expired entries were removed.")]
    private static partial void LogSwept(ILogger log, string name, long removed);

    [LoggerMessage(2, LogLevel.Error, "Cache {Name}: writing fails. Changes stay in memory, and are tried again.")]
    private static partial void LogFailed(ILogger log, Exception exception, string name);

    [LoggerMessage(3, LogLevel.Information, "Cache {Name}: writing works again.")]
    private static partial void LogRecovered(ILogger log, string name);
}
