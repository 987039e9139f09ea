using Engine.Storage;

namespace Engine.Transactions;

/// <summary>
/// How the file grows: by an eighth of its length, at least 16 pages and at most 64 MiB at a time. Small files stay small, and a large one is seldom
/// extended and mapped anew.
/// </summary>
internal static class FileGrowth
{
    private const int MinPages = 16;
    private const long MaxStep = 64L * 1024 * 1024;

    /// <summary>Extends the file to hold so many pages; sparsely, so it costs no space before it is written.</summary>
    public static void Ensure(IStorageFile file, ulong pageCount, int pageSize)
    {
        var needed = checked((long)pageCount * pageSize);
        var length = file.Length;
        if (needed > length)
        {
            var step = Math.Clamp(length / 8, (long)MinPages * pageSize, MaxStep);
            var unit = (long)MinPages * pageSize;
            file.SetLength((Math.Max(needed, length + step) + unit - 1) / unit * unit);
        }
    }
}
