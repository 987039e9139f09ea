using Engine.Space;

namespace Engine.Transactions;

/// <summary>What the public options say, for the layers below them.</summary>
internal sealed record CoreOptions
{
    public bool ReadOnly { get; init; }

    public bool CreateIfMissing { get; init; } = true;

    /// <summary>Null: the default when creating, whatever the file has when opening.</summary>
    public int? PageSize { get; init; }

    /// <summary>Dirty pages of one write transaction that are kept in memory, in bytes; beyond that they are written before the commit.</summary>
    public long TransactionMemory { get; init; } = 256L * 1024 * 1024;

    /// <summary>Deferred commits are flushed at the latest when they have written so many bytes.</summary>
    public long DeferredLimit { get; init; } = 64L * 1024 * 1024;

    /// <summary>Deferred commits are flushed at the latest after this time; infinite: only on request, by size, or when closing.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a writer waits for its turn.</summary>
    public TimeSpan WriterTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Whether to remember where write transactions were begun.</summary>
    public bool TrackTransactions { get; init; }

    /// <summary>Milliseconds that never go back.</summary>
    public Func<long> Clock { get; init; } = static () => Environment.TickCount64;

    /// <summary>How long beginning to read waits for a writer that is just recovering the database.</summary>
    public TimeSpan RecoveryPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// So far above the newest durable id the ids of deferred commits may reach, at the most: before that they are made
    /// durable. After a crash the next session begins so far above what it finds, and so gives no id again that was
    /// seen before. Ids have 63 bits: there is room for 2^43 crashes. Beside a page that was born before the crash, an
    /// entry of the space log needs two bytes more than beside a young one.
    /// </summary>
    public ulong IdReach { get; init; } = 1 << 20;

    /// <summary>
    /// The newest commit is given its second meta after so much time without another one, and before twice the time is
    /// over; infinite: only when closing.
    /// </summary>
    public TimeSpan SettleAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Values above this are written when they are put, not at commit.</summary>
    public int EarlyWriteThreshold { get; init; } = 256 * 1024;

    /// <summary>Sizes of the space manager.</summary>
    public SpaceTuning Space { get; init; } = SpaceTuning.Default;
}
