using Engine.Storage;

namespace Engine.Transactions;

/// <summary>
/// How the file grows: by a quarter of its length, at least 16 pages at a time, sparsely, so it costs no space before
/// it is written. In steps of a share of the length, and not of a fixed size, because after each step the whole file is
/// mapped anew: all maps that a file of n bytes had since it was small add up to 5 n, and not to something that grows
/// with the square of n. What a fork borrows does not count. The writer alone changes the length, so it is remembered
/// here instead of asked for with every commit.
/// </summary>
internal sealed class FileGrowth(IStorageFile file, int pageSize, long borrowed = 0)
{
    private const int MinPages = 16;
    private const int Share = 4;

    /// <summary>Length of the file in bytes.</summary>
    public long Length { get; private set; } = file.Length;

    /// <summary>Extends the file to hold so many pages.</summary>
    /// <exception cref="StorageWriteException">It could not even be made that long.</exception>
    public void Ensure(ulong pageCount)
    {
        var needed = checked((long)pageCount * pageSize);
        if (needed > Length)
        {
            var unit = (long)MinPages * pageSize;
            var ahead = Math.Max((Length - borrowed) / Share, unit);
            var wanted = (Math.Max(needed, Length + ahead) + unit - 1) / unit * unit;
            try
            {
                Extend(needed, wanted - needed, unit);
            }
            finally
            {
                Length = file.Length;
            }
        }
    }

    /// <summary>
    /// Where there is no room for all that is wanted ahead (a limit, or a file system without holes), half of it will
    /// do, and so on.
    /// </summary>
    private void Extend(long needed, long ahead, long unit)
    {
        while (true)
        {
            try
            {
                file.SetLength(needed + ahead);
                return;
            }
            catch (StorageWriteException e) when (e.IsFull && ahead > 0)
            {
                ahead = ahead < unit ? 0 : ahead / 2;
            }
        }
    }
}
