using Engine.Storage;

namespace Engine.Transactions;

/// <summary>
/// How the file grows: to four times its length, up to 256 MiB; then by as much as it is long, up to 1 GiB, and beyond
/// 4 GiB by a quarter of its length; by at least 16 pages. That is a hole, which costs no space before it is written;
/// where holes may cost some, the file grows by a quarter from the start. In steps of a share of the length, and not of
/// a fixed size, because after each step the whole file is mapped anew, and every page of it that is touched again
/// costs a fault: all maps that a file of n bytes had since it was small add up to 2 n while it doubles, to 5 n in the
/// long run, and not to something that grows with the square of n. What is small is touched all over in no time. What a
/// fork borrows does not count. The writer alone changes the length, so it is remembered here instead of asked for with
/// every commit.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="pageSize">Bytes of a page.</param>
/// <param name="borrowed">Bytes at the start that are another file's.</param>
/// <param name="holesAreFree">Whether a hole at the end takes no space.</param>
internal sealed class FileGrowth(IStorageFile file, int pageSize, long borrowed, bool holesAreFree)
{
    private const int MinPages = 16;
    private const int Share = 4;
    private const long MaxQuadrupled = 256L << 20;
    private const long MaxDoubling = 1L << 30;

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
            var own = Length - borrowed;
            var hole = Math.Max(Math.Min(3 * own, MaxQuadrupled - own), Math.Min(own, MaxDoubling));
            var ahead = Math.Max(Math.Max(own / Share, holesAreFree ? hole : 0), unit);
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
