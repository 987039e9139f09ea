namespace Engine.PropertyTests.Checking;

/// <summary>The run list of a verified meta (docs/format.md section 3), from the meta or from its list run.</summary>
internal static class RunListImage
{
    /// <summary>The extents that a meta lists, ascending; none for an ordered one.</summary>
    /// <exception cref="ImageException">The list is not there as it was written, or is none.</exception>
    public static List<(long First, long Pages)> Read(ReadOnlySpan<byte> image, MetaImage meta)
    {
        var runs = new List<(long First, long Pages)>();
        ReadOnlySpan<byte> list = meta.InlineList;
        if (meta.RunCount > 0 && meta.ListRun != default)
        {
            list = ListRun(image, meta);
        }

        var at = 0;
        var next = (ulong)meta.FirstPage;
        for (var i = 0; i < meta.RunCount; i++)
        {
            ulong first, pages;
            if (meta.IsOld)
            {
                (first, pages) = (ImageLayout.U64(list, 12 * i), ImageLayout.U32(list, (12 * i) + 8));
                Require(first >= next, "does not ascend");
            }
            else
            {
                var gap = Number(list, ref at);
                Require(gap < meta.PageCount, "leaves the pages of the file");
                first = next + gap;
                pages = Number(list, ref at);
            }

            Require(
                pages > 0 && first < meta.PageCount && pages <= meta.PageCount - first, "leaves the pages of the file");
            runs.Add(((long)first, (long)pages));
            next = first + pages;
        }

        Require(meta.IsOld || ImageLayout.IsZero(list[at..]), "has bytes behind its runs");
        return runs;
    }

    /// <summary>The value of the list run, by the rules of an overflow run.</summary>
    /// <exception cref="ImageException">It is not the run that the meta names.</exception>
    public static ReadOnlySpan<byte> ListRun(ReadOnlySpan<byte> image, MetaImage meta)
    {
        var (page, birth, crc, length) = meta.ListRun;
        Require((page + meta.ListPages) * meta.PageSize <= image.Length, "is in pages that the file does not have");
        var run = image.Slice((int)page * meta.PageSize, (int)meta.ListPages * meta.PageSize);
        Require(
            ImageChecksums.PageCrc(run) == crc && ImageLayout.U32(run, 0) == crc && run[4] == 3 && run[5] == 0
            && ImageLayout.U64(run, 8) == (ulong)page && ImageLayout.U64(run, 16) == birth
            && ImageLayout.U32(run, 24) == length,
            $"is in page {page}, which is another one");
        return run.Slice(ImageLayout.HeaderSize, (int)length);
    }

    private static ulong Number(ReadOnlySpan<byte> list, ref int at)
    {
        ulong number = 0;
        for (var i = 0; i < 10; i++)
        {
            Require(at < list.Length && (i < 9 || list[at] < 2), "has a number that does not end");
            number |= (ulong)(list[at] & 0x7F) << (7 * i);
            if (list[at++] < 0x80)
            {
                break;
            }
        }

        return number;
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new ImageException($"the run list {what}");
        }
    }
}
