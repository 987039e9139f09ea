namespace Engine;

/// <summary>How a <see cref="BulkLoader"/> sorts. The defaults are right for most loads.</summary>
public sealed class BulkLoadOptions
{
    /// <summary>Memory for sorting, in bytes; what exceeds it goes to a temporary file. From 64 KiB to 1 GiB. Default: 64 MiB.</summary>
    public long SortMemory { get; init; } = 64L * 1024 * 1024;

    /// <summary>Where the temporary file is made, which may become as large as the input. Default: the system's directory for temporary files.</summary>
    public string TempDirectory { get; init; } = Path.GetTempPath();

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(SortMemory, 64 * 1024, nameof(SortMemory));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SortMemory, 1L << 30, nameof(SortMemory));
        ArgumentException.ThrowIfNullOrEmpty(TempDirectory, nameof(TempDirectory));
    }
}
