using System.Diagnostics;

namespace Engine.Transactions;

/// <summary>What commits have cost. Written by whoever publishes or flushes, one at a time; read by anybody.</summary>
internal sealed class CommitCounters
{
    private long _transactions;
    private long _deferred;
    private long _groups;
    private long _largestGroup;
    private long _groupsLeavingOut;
    private long _flushes;
    private long _flushTicks;
    private long _waitTicks;
    private long _metaBytes;

    public long Transactions => Volatile.Read(ref _transactions);

    /// <summary>Those of <see cref="Transactions"/> for which visible was enough.</summary>
    public long Deferred => Volatile.Read(ref _deferred);

    /// <summary>Bytes of metas that were written.</summary>
    public long MetaBytes => Volatile.Read(ref _metaBytes);

    public long Groups => Volatile.Read(ref _groups);

    public long LargestGroup => Volatile.Read(ref _largestGroup);

    public long GroupsLeavingOut => Volatile.Read(ref _groupsLeavingOut);

    public long Flushes => Volatile.Read(ref _flushes);

    public TimeSpan Flushing => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _flushTicks));

    public TimeSpan Waiting => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _waitTicks));

    /// <summary>A commit's promise is met.</summary>
    /// <param name="transactions">How many transactions shared it.</param>
    /// <param name="deferred">For how many of them visible was enough.</param>
    /// <param name="waitTicks">How long they have waited, added up, in ticks of the stopwatch.</param>
    public void NoteGroup(long transactions, long deferred, long waitTicks)
    {
        if (deferred > 0)
        {
            Interlocked.Add(ref _deferred, deferred);
        }

        Interlocked.Add(ref _transactions, transactions);
        Interlocked.Increment(ref _groups);
        Interlocked.Add(ref _waitTicks, waitTicks);
        if (transactions > Volatile.Read(ref _largestGroup))
        {
            Volatile.Write(ref _largestGroup, transactions);
        }
    }

    /// <summary>A group was committed without the transaction that is open.</summary>
    public void NoteLeavingOut() => Interlocked.Increment(ref _groupsLeavingOut);

    /// <summary>A meta was written. One at a time does this.</summary>
    public void NoteMeta(int bytes) => Volatile.Write(ref _metaBytes, _metaBytes + bytes);

    /// <summary>The file was flushed.</summary>
    /// <param name="since">When that began, in ticks of the stopwatch.</param>
    public void NoteFlush(long since)
    {
        Interlocked.Increment(ref _flushes);
        Interlocked.Add(ref _flushTicks, Stopwatch.GetTimestamp() - since);
    }
}
