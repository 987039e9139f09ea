using System.Buffers.Binary;

namespace Engine.Pages;

/// <summary>An entry of the run list of a verified commit.</summary>
internal readonly record struct PageRun(ulong Start, uint Length);

/// <summary>
/// The encoding of a run list (docs/format.md section 3): for each run, the pages between it and the one before, and
/// its length, both as unsigned LEB128 numbers.
/// </summary>
internal static class RunList
{
    /// <summary>Bytes of the meta that hold a list.</summary>
    public const int InlineCapacity = 1024;

    /// <summary>A verified commit has at most so many pages, and so its list at most so many runs.</summary>
    public const int MaxRuns = 4096;

    /// <summary>The longest value of a list run: with its header 64 KiB.</summary>
    public const int MaxBytes = 65536 - PageLayout.HeaderSize;

    /// <summary>Room for an encoded run, whatever its numbers are.</summary>
    public const int MaxEntryBytes = 10 + 5;

    /// <summary>Entries of version 2: {first page u64, pages u32}.</summary>
    private const int OldEntrySize = 12;

    /// <summary>Writes a run and returns its length.</summary>
    /// <param name="target">At least <see cref="MaxEntryBytes"/> bytes.</param>
    /// <param name="gap">Pages since the end of the run before.</param>
    /// <param name="pages">Pages of the run.</param>
    public static int WriteEntry(Span<byte> target, ulong gap, uint pages)
    {
        var length = Leb128.Write(target, gap);
        return length + Leb128.Write(target[length..], pages);
    }

    /// <summary>
    /// Reads a list; false if it is none: it ends too early, has a number that is too large, an empty run or one that
    /// leaves the pages of the file, or another byte than zero behind its end.
    /// </summary>
    /// <param name="bytes">The list, and zeros.</param>
    /// <param name="count">The number of its runs.</param>
    /// <param name="firstPage">The first page of the file.</param>
    /// <param name="pageCount">The page count of the meta.</param>
    /// <param name="runs">The runs.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> bytes, int count, ulong firstPage, ulong pageCount, out PageRun[] runs)
    {
        runs = new PageRun[Math.Min(count, bytes.Length / 2)];
        var next = firstPage;
        if (runs.Length != count)
        {
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            if (!TryReadNumber(ref bytes, out var gap) || !TryReadNumber(ref bytes, out var pages)
                || gap >= pageCount - next || pages == 0 || pages > pageCount - next - gap || pages > uint.MaxValue)
            {
                return false;
            }

            runs[i] = new PageRun(next + gap, (uint)pages);
            next += gap + pages;
        }

        return !bytes.ContainsAnyExcept((byte)0);
    }

    /// <summary>
    /// Turns a list of version 2 into one of version 3; nothing, which no list of one or more runs is, if it does not
    /// ascend.
    /// </summary>
    public static byte[] FromVersion2(ReadOnlySpan<byte> entries, int count, ulong firstPage)
    {
        var target = new byte[count * MaxEntryBytes];
        var length = 0;
        var next = firstPage;
        for (var i = 0; i < count; i++)
        {
            var start = BinaryPrimitives.ReadUInt64LittleEndian(entries[(i * OldEntrySize)..]);
            var pages = BinaryPrimitives.ReadUInt32LittleEndian(entries[((i * OldEntrySize) + 8)..]);
            if (start < next || start > Meta.MaxId)
            {
                return [];
            }

            length += WriteEntry(target.AsSpan(length), start - next, pages);
            next = start + pages;
        }

        return target[..length];
    }

    /// <summary>As in the space log: at most ten bytes and 64 bits.</summary>
    private static bool TryReadNumber(ref ReadOnlySpan<byte> bytes, out ulong number)
    {
        number = 0;
        for (var i = 0; i < 10 && i < bytes.Length; i++)
        {
            if (i == 9 && bytes[i] > 1)
            {
                return false;
            }

            number |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
