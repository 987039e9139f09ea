namespace Engine.Extensions.Hosting;

/// <summary>What was seen of a database at some time.</summary>
/// <param name="Timestamp">When, by the clock of the application.</param>
/// <param name="FreeDiskBytes">What is free on the disk; null if there is none, or if it is not known.</param>
/// <param name="DiskError">Why that is not known; null if it is.</param>
/// <param name="Readers">Who read.</param>
internal sealed record HealthSample(
    long Timestamp, long? FreeDiskBytes, string? DiskError, IReadOnlyList<DatabaseReader> Readers)
{
    /// <summary>Who keeps the most pages from being used again; null if nobody keeps any.</summary>
    public DatabaseReader? LargestHolder { get; } =
        Readers.Where(static reader => reader.Pages > 0).MaxBy(static reader => reader.Pages);

    /// <summary>Readers of processes that have ended.</summary>
    public IEnumerable<DatabaseReader> Dead => Readers.Where(static reader => reader.IsAlive is false);

    /// <summary>What is beyond a limit.</summary>
    public IEnumerable<HealthProblem> Problems(EngineHealthOptions options)
    {
        if (FreeDiskBytes < options.MinFreeDiskBytes)
        {
            yield return new HealthProblem(
                HealthProblemKind.DiskSpace,
                $"its disk has {FreeDiskBytes} bytes free, of {options.MinFreeDiskBytes} that it should have");
        }

        if (DiskError is not null)
        {
            yield return new HealthProblem(
                HealthProblemKind.DiskUnknown, $"it is not known how much of its disk is free: {DiskError}");
        }

        if (Readers.Count > options.MaxReaderTableUse * Database.MaxReaders)
        {
            yield return new HealthProblem(
                HealthProblemKind.ReaderTable,
                $"{Readers.Count} of {Database.MaxReaders} read transactions and snapshots are open");
        }

        if (LargestHolder is { } holder && holder.Pages > options.MaxPinnedPages)
        {
            yield return new HealthProblem(
                HealthProblemKind.PinnedPages,
                $"{holder} keeps {holder.Pages} pages from being used again");
        }
    }
}
