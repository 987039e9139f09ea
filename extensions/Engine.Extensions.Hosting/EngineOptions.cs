using System.Diagnostics.Metrics;

namespace Engine.Extensions.Hosting;

/// <summary>
/// Where the database of an application lies and how it is opened. The names are those that a configuration has; each
/// one means what the member of the same name of <see cref="DatabaseOptions"/> means, and has its default and range.
/// Read once, when the database is opened: what changes later has no effect.
/// </summary>
/// <example>
/// <code>
/// { "Engine": { "Path": "data/orders.db", "WriterTimeout": "00:00:30", "Health": { "MaxPinnedPages": 50000 } } }
/// </code>
/// </example>
public sealed class EngineOptions
{
    private static readonly DatabaseOptions Defaults = new();

    /// <summary>
    /// The file. One that is relative is taken from the content root of the host, which is not always the current
    /// directory. Its directory must exist. Required, unless <see cref="InMemory"/> is set.
    /// </summary>
    public string? Path { get; set; }

    /// <summary>
    /// A database in memory, gone with the process; <see cref="Path"/> is not looked at. For tests of an application.
    /// Default: false.
    /// </summary>
    public bool InMemory { get; set; }

    /// <inheritdoc cref="DatabaseOptions.ReadOnly"/>
    public bool ReadOnly { get; set; }

    /// <inheritdoc cref="DatabaseOptions.WithoutLock"/>
    public bool WithoutLock { get; set; }

    /// <inheritdoc cref="DatabaseOptions.CreateIfMissing"/>
    public bool CreateIfMissing { get; set; } = Defaults.CreateIfMissing;

    /// <inheritdoc cref="DatabaseOptions.ReadAhead"/>
    public bool ReadAhead { get; set; } = Defaults.ReadAhead;

    /// <inheritdoc cref="DatabaseOptions.GuardedReads"/>
    public bool GuardedReads { get; set; } = Defaults.GuardedReads;

    /// <inheritdoc cref="DatabaseOptions.PageSize"/>
    public int? PageSize { get; set; }

    /// <inheritdoc cref="DatabaseOptions.TransactionMemory"/>
    public long TransactionMemory { get; set; } = Defaults.TransactionMemory;

    /// <inheritdoc cref="DatabaseOptions.FlushInterval"/>
    /// <remarks>In a configuration, an infinite time is written <c>-00:00:00.001</c>.</remarks>
    public TimeSpan FlushInterval { get; set; } = Defaults.FlushInterval;

    /// <inheritdoc cref="DatabaseOptions.DeferredLimit"/>
    public long DeferredLimit { get; set; } = Defaults.DeferredLimit;

    /// <inheritdoc cref="DatabaseOptions.WriterTimeout"/>
    /// <remarks>In a configuration, an infinite time is written <c>-00:00:00.001</c>.</remarks>
    public TimeSpan WriterTimeout { get; set; } = Defaults.WriterTimeout;

    /// <inheritdoc cref="DatabaseOptions.TrackTransactions"/>
    public bool TrackTransactions { get; set; }

    /// <inheritdoc cref="DatabaseOptions.Name"/>
    public string? Name { get; set; }

    /// <inheritdoc cref="DatabaseOptions.SlowCommit"/>
    /// <remarks>In a configuration, an infinite time is written <c>-00:00:00.001</c>.</remarks>
    public TimeSpan SlowCommit { get; set; } = Defaults.SlowCommit;

    /// <summary>What the health check and the log take for too much.</summary>
    public EngineHealthOptions Health { get; } = new();

    /// <summary>The same for the engine.</summary>
    internal DatabaseOptions ToDatabaseOptions(TimeProvider timeProvider, IMeterFactory? meterFactory = null) => new()
    {
        ReadOnly = ReadOnly,
        WithoutLock = WithoutLock,
        CreateIfMissing = CreateIfMissing,
        ReadAhead = ReadAhead,
        GuardedReads = GuardedReads,
        PageSize = PageSize,
        TransactionMemory = TransactionMemory,
        FlushInterval = FlushInterval,
        DeferredLimit = DeferredLimit,
        WriterTimeout = WriterTimeout,
        TrackTransactions = TrackTransactions,
        Name = Name,
        SlowCommit = SlowCommit,
        TimeProvider = timeProvider,
        MeterFactory = meterFactory,
    };
}
