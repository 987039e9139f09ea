namespace Engine.Testing.Running;

/// <summary>A user's options, for a database whose calls come in one order, each time the same.</summary>
internal static class SimulatedOptions
{
    /// <exception cref="ArgumentException">The database could not be written to.</exception>
    public static DatabaseOptions Of(DatabaseOptions? options)
    {
        options ??= new DatabaseOptions();
        if (options.ReadOnly || !options.CreateIfMissing || options.WithoutLock)
        {
            throw new ArgumentException(
                "A crash test begins with an empty disk and writes to it: leave ReadOnly, WithoutLock and "
                + "CreateIfMissing as they are.",
                nameof(options));
        }

        return new DatabaseOptions
        {
            ReadAhead = options.ReadAhead,
            GuardedReads = options.GuardedReads,
            PageSize = options.PageSize,
            TransactionMemory = options.TransactionMemory,
            DeferredLimit = options.DeferredLimit,
            WriterTimeout = options.WriterTimeout,
            TrackTransactions = options.TrackTransactions,
            Name = options.Name,
            MeterFactory = options.MeterFactory,
            SlowCommit = options.SlowCommit,
            TimeProvider = options.TimeProvider,

            // Nothing happens by itself: what waits for a flush is committed by the thread that flushed.
            FlushInterval = Timeout.InfiniteTimeSpan,
            HasFlusher = false,
            SealPatience = TimeSpan.Zero,
        };
    }
}
