namespace Engine.Extensions.Hosting;

/// <summary>
/// From where on the health check says that a database is degraded, and the log warns. What has to be asked of the
/// system is sampled in the background, so that the check itself does no I/O.
/// </summary>
public sealed class EngineHealthOptions
{
    /// <summary>The shortest <see cref="SampleInterval"/>.</summary>
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Bytes that the disk of the database must have free for this process. 0: not looked at. Default: 1 GiB.
    /// </summary>
    public long MinFreeDiskBytes { get; set; } = 1L << 30;

    /// <summary>
    /// How much of the reader table may be in use, by all processes that have the database open: above 0, at most 1
    /// (then it is not looked at). When the table is full, beginning to read throws. Default: 0.8.
    /// </summary>
    public double MaxReaderTableUse { get; set; } = 0.8;

    /// <summary>
    /// How many pages one reader may keep from being used again by the state that it has pinned, before its holder is
    /// told to end it. <see cref="long.MaxValue"/>: not looked at. Default: 262,144 pages (1 GiB of 4 KiB each).
    /// </summary>
    public long MaxPinnedPages { get; set; } = 262_144;

    /// <summary>
    /// How often the disk and the readers are looked at, from 100 ms to a day. If the disk does not answer for three
    /// times as long, that is degraded, too. Default: 10 seconds.
    /// </summary>
    public TimeSpan SampleInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>What is out of its range, each as a part of a sentence.</summary>
    internal IEnumerable<string> Problems()
    {
        if (MinFreeDiskBytes < 0)
        {
            yield return $"{nameof(MinFreeDiskBytes)} is {MinFreeDiskBytes}: it is a number of bytes, or 0.";
        }

        if (MaxReaderTableUse is not (> 0 and <= 1))
        {
            yield return $"{nameof(MaxReaderTableUse)} is {MaxReaderTableUse}: it is a share, above 0 and at most 1.";
        }

        if (MaxPinnedPages < 0)
        {
            yield return $"{nameof(MaxPinnedPages)} is {MaxPinnedPages}: it is a number of pages.";
        }

        if (SampleInterval < ShortestInterval || SampleInterval > TimeSpan.FromDays(1))
        {
            yield return $"{nameof(SampleInterval)} is {SampleInterval}: it is at least 100 ms and at most a day.";
        }
    }
}
