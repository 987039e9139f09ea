using Engine.Storage;

namespace Engine.Transactions;

/// <summary>
/// How the file grows: by an eighth of its length, at least 16 pages and at most 64 MiB at a time. Small files stay small, and a large one is seldom
/// extended and mapped anew. The writer alone changes the length, so it is remembered here instead of asked for with every commit.
/// </summary>
internal sealed class FileGrowth(IStorageFile file, int pageSize)
{
    private const int MinPages = 16;
    private const long MaxStep = 64L * 1024 * 1024;

    /// <summary>Length of the file in bytes.</summary>
    public long Length { get; private set; } = file.Length;

    /// <summary>Extends the file to hold so many pages; sparsely, so it costs no space before it is written.</summary>
    public void Ensure(ulong pageCount)
    {
        var needed = checked((long)pageCount * pageSize);
        if (needed > Length)
        {
            var step = Math.Clamp(Length / 8, (long)MinPages * pageSize, MaxStep);
            var unit = (long)MinPages * pageSize;
            try
            {
                file.SetLength((Math.Max(needed, Length + step) + unit - 1) / unit * unit);
            }
            finally
            {
                Length = file.Length;
            }
        }
    }
}
