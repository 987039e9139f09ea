namespace Engine;

/// <summary>How a <see cref="BulkLoader"/> sorts. The defaults are right for most loads.</summary>
public sealed class BulkLoadOptions
{
    internal const long LeastSortMemory = 64 * 1024;

    /// <summary>
    /// Memory for sorting, in bytes; what exceeds it goes to a temporary file. From 64 KiB to 1 GiB. Default: 64 MiB.
    /// </summary>
    public long SortMemory { get; init; } = 64L * 1024 * 1024;

    /// <summary>
    /// Where the temporary file is made, which may become as large as the input. Default: the system's directory for
    /// temporary files.
    /// </summary>
    public string TempDirectory { get; init; } = Path.GetTempPath();

    /// <summary>
    /// Bytes that are loaded before they go to the file. What is loaded in order is not touched again, so it may go
    /// early: the memory that is filled then stays in the processor's cache, and fresh memory of the system, which
    /// costs more than the filling, is not needed. But each time the pages at the tree's edge are written once more,
    /// and where they were a few stay free: a file that is to be small wants a larger window.
    /// </summary>
    internal long Window { get; init; } = 1024 * 1024;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(SortMemory, LeastSortMemory, nameof(SortMemory));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SortMemory, 1L << 30, nameof(SortMemory));
        ArgumentException.ThrowIfNullOrEmpty(TempDirectory, nameof(TempDirectory));
    }
}
