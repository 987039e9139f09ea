using System.Diagnostics;

namespace Engine.Diagnostics;

/// <summary>
/// What a database tells of itself to whoever listens to the process: instruments, spans and events. While nobody does,
/// each call is a look at a flag. What a listener throws is traced, and never becomes a failure of a commit.
/// Thread-safe.
/// </summary>
/// <param name="instruments">The instruments of its meter.</param>
/// <param name="name">What tells it apart from others.</param>
/// <param name="path">Where it is.</param>
/// <param name="slowCommit">A commit that takes longer is an event.</param>
internal sealed class DatabaseTelemetry(EngineInstruments instruments, string name, string path, TimeSpan slowCommit)
{
    private readonly long _begun = Stopwatch.GetTimestamp();
    private readonly Lock _observing = new();
    private IMeasured? _source;
    private CommitTotals _finalTotals;

    public EngineInstruments Instruments => instruments;

    public string Name => name;

    /// <summary>The tag of every measurement of the database.</summary>
    public KeyValuePair<string, object?> Tag { get; } = new(EngineInstruments.DatabaseTag, name);

    /// <summary>Whether somebody listens to single commits.</summary>
    public bool WantsCommits => instruments.CommitDuration.Enabled || instruments.GroupSize.Enabled
        || EngineTracing.IsOn || EngineEventSource.Log.IsEnabled();

    /// <summary>What it has committed and written, also when it is closed.</summary>
    public CommitTotals Totals
    {
        get
        {
            lock (_observing)
            {
                return _source is { } source ? source.Commits ?? default : _finalTotals;
            }
        }
    }

    /// <summary>The database is open, and can be observed.</summary>
    public void Start(IMeasured source, ulong transaction)
    {
        _source = source;
        LiveDatabases.Add(this);
        if (EngineEventSource.Log.IsEnabled())
        {
            EngineEventSource.Log.Opened(
                name, path, (long)transaction, Stopwatch.GetElapsedTime(_begun).TotalMilliseconds);
        }
    }

    /// <summary>It is about to be closed: waits for those who observe it just now. Again does nothing.</summary>
    public void Stop()
    {
        using (Uninterrupted.Enter(_observing))
        {
            if (_source is not { } source)
            {
                return;
            }

            _source = null;
            _finalTotals = source.Commits ?? default;
        }

        // Not under the lock, which those who list the databases take after theirs.
        LiveDatabases.Remove(this, _finalTotals);
        EngineEventSource.Log.Closed(name);
    }

    /// <summary>Asks it something; null if it is closed, or has no answer.</summary>
    public T? Observe<T>(Func<IMeasured, T?> measure)
        where T : struct
    {
        lock (_observing)
        {
            try
            {
                return _source is { } source ? measure(source) : null;
            }
            catch (ObjectDisposedException)
            {
                // Its closing has begun.
                return null;
            }
        }
    }

    /// <summary>A commit was shared by so many transactions.</summary>
    public void NoteGroup(int transactions)
    {
        if (instruments.GroupSize.Enabled)
        {
            Guarded(
                (instruments, transactions, Tag),
                static it => it.instruments.GroupSize.Record(it.transactions, it.Tag));
        }
    }

    /// <summary>The promise of one transaction's commit is met.</summary>
    /// <param name="caller">The activity that it was asked for in.</param>
    /// <param name="elapsed">How long it took.</param>
    /// <param name="isDeferred">What was promised.</param>
    /// <param name="id">The id of the state.</param>
    /// <param name="flush">The flush that made it durable.</param>
    public void NoteCommit(Activity? caller, TimeSpan elapsed, bool isDeferred, ulong id, ActivityContext flush)
    {
        var mode = EngineInstruments.Mode(isDeferred);
        if (instruments.CommitDuration.Enabled)
        {
            Guarded(
                (instruments, elapsed, Tag, mode),
                static it => it.instruments.CommitDuration.Record(it.elapsed.TotalSeconds, it.Tag, it.mode));
        }

        if (elapsed > slowCommit && slowCommit != Timeout.InfiniteTimeSpan && EngineEventSource.Log.IsEnabled())
        {
            EngineEventSource.Log.CommitSlow(name, (long)id, (string)mode.Value!, elapsed.TotalMilliseconds);
        }

        if (EngineTracing.IsOn)
        {
            Guarded(
                (caller, elapsed, flush, Tags: (KeyValuePair<string, object?>[])
                    [Tag, mode, new(EngineTracing.TransactionTag, (long)id)]),
                static it => EngineTracing.NoteCommit(it.caller, it.elapsed, it.flush, failure: null, it.Tags));
        }
    }

    /// <summary>A commit failed.</summary>
    public void NoteFailure(Activity? caller, TimeSpan elapsed, bool isDeferred, Exception failure)
    {
        if (EngineTracing.IsOn)
        {
            Guarded(
                (caller, elapsed, failure, Tags: (KeyValuePair<string, object?>[])
                    [Tag, EngineInstruments.Mode(isDeferred)]),
                static it => EngineTracing.NoteCommit(it.caller, it.elapsed, default, it.failure, it.Tags));
        }
    }

    /// <summary>A flush begins; null if nobody wants a span of it.</summary>
    public Activity? StartFlush()
    {
        try
        {
            return EngineTracing.StartFlush(Tag);
        }
        catch (Exception e)
        {
            TraceListener(e);
            return null;
        }
    }

    /// <summary>A flush is over.</summary>
    /// <param name="span">Its span.</param>
    /// <param name="since">When it began, in ticks of the stopwatch.</param>
    /// <param name="failure">Why it failed; null if it did not.</param>
    public void EndFlush(Activity? span, long since, Exception? failure)
    {
        if (failure is null && instruments.FlushDuration.Enabled)
        {
            Guarded(
                (instruments, since, Tag),
                static it => it.instruments.FlushDuration.Record(
                    Stopwatch.GetElapsedTime(it.since).TotalSeconds, it.Tag));
        }

        if (span is not null)
        {
            Guarded((span, failure), static it => it.span.Fail(it.failure).Dispose());
        }
    }

    public void NoteRejected(string report) => EngineEventSource.Log.MetaRejected(name, report);

    public void NotePoison(string reason) => EngineEventSource.Log.Poisoned(name, reason);

    /// <summary>
    /// The file has grown although pages wait for readers: tells who holds the most, on a thread of the pool.
    /// </summary>
    public void NoteSpaceHeld(long pending) => ThreadPool.UnsafeQueueUserWorkItem(
        static told =>
        {
            if (told.Telemetry.Observe(static source => (PinMeasures?)source.MeasurePins())
                is { LargestPages: { } pages, LargestHolder: { } holder })
            {
                EngineEventSource.Log.SpaceHeld(told.Telemetry.Name, told.pending, pages, holder);
            }
        },
        (Telemetry: this, pending),
        preferLocal: false);

    private static void Guarded<T>(T argument, Action<T> tell)
    {
        try
        {
            tell(argument);
        }
        catch (Exception e)
        {
            TraceListener(e);
        }
    }

    private static void TraceListener(Exception failure) =>
        Trace.TraceError("A listener to the measurements of a database failed: {0}", failure);
}
