using System.Runtime.CompilerServices;

namespace Engine.PropertyTests.Checking;

/// <summary>Reads the space log of a meta (docs/format.md section 9).</summary>
internal static class SpaceLogReader
{
    /// <summary>
    /// The log's pages, oldest first. The pages go into <paramref name="pages"/> and, if born in the meta, into
    /// <paramref name="bornHere"/>.
    /// </summary>
    public static List<long> Chain(ReadOnlySpan<byte> image, MetaImage meta, PageSet pages, PageSet? bornHere)
    {
        var chain = new List<long>();
        var pageSize = meta.PageSize;
        ulong next = meta.NewestLogPage;
        var crc = meta.NewestLogCrc;
        var notBornAfter = meta.Id;
        while (next != 0)
        {
            Require(next >= (ulong)meta.FirstPage && next < meta.PageCount, next, "is a log page outside the file");
            Require(pages.Add((long)next), next, "is reached twice, as a log page");
            var page = image.Slice((int)next * pageSize, pageSize);
            Require(
                ImageChecksums.PageCrc(page) == crc && ImageLayout.U32(page, 0) == crc,
                next,
                "is a log page with a wrong CRC");
            Require(page[4] == 4 && page[5] == 0 && ImageLayout.U16(page, 6) == 0, next, "is not a log page");
            Require(ImageLayout.U64(page, 8) == next, next, "has another number");
            var birth = ImageLayout.U64(page, 16);
            Require(
                birth > 0 && birth <= notBornAfter, next, $"is a log page born in {birth}, after what refers to it");
            var used = ImageLayout.U32(page, 24);
            Require(
                used <= pageSize - ImageLayout.LogBody && ImageLayout.U32(page, 28) == 0,
                next,
                "uses more bytes than it has");
            Require(
                ImageLayout.IsZero(page[(ImageLayout.LogBody + (int)used)..]), next, "has bytes behind its entries");
            Require(ImageLayout.U32(page, 44) == 0, next, "has reserved bytes that are not zero");
            if (birth == meta.Id)
            {
                bornHere?.Add((long)next);
            }

            chain.Add((long)next);
            notBornAfter = birth;
            next = ImageLayout.U64(page, 32);
            crc = ImageLayout.U32(page, 40);
        }

        Require(
            chain.Count == meta.LogPages,
            meta.NewestLogPage,
            $"begins a chain of {chain.Count} log pages where the meta says {meta.LogPages}");
        chain.Reverse();
        return chain;
    }

    /// <summary>The free pages, and the states that names hold, after applying the log.</summary>
    public static SpaceLogImage Read(ReadOnlySpan<byte> image, MetaImage meta, List<long> chain)
    {
        var log = new SpaceLogImage();
        foreach (var number in chain)
        {
            var page = image.Slice((int)number * meta.PageSize, meta.PageSize);
            Apply(page.Slice(ImageLayout.LogBody, (int)ImageLayout.U32(page, 24)), meta, log);
        }

        Apply(meta.LogHead, meta, log);
        return log;
    }

    private static void Apply(ReadOnlySpan<byte> entries, MetaImage meta, SpaceLogImage log)
    {
        ulong group = 0;
        for (var at = 0; at < entries.Length;)
        {
            var tag = entries[at++];
            if (tag != 1 && group == 0)
            {
                throw new ImageException("a part of the space log does not begin with a group");
            }

            switch (tag)
            {
                case 1:
                    group = Number(entries, ref at);
                    Require(
                        group > 0 && group <= meta.Id,
                        group,
                        "is a group of the space log, which the meta does not know");
                    break;
                case 2:
                    Free(log.Free, Extent(entries, ref at, meta), group, Number(entries, ref at));
                    break;
                case 3:
                    Allocate(log.Free, Extent(entries, ref at, meta));
                    break;
                case 4 or 5 when meta.HasNames:
                    log.HasNames = true;
                    Name(log.Named, Number(entries, ref at), group, tag == 4);
                    break;
                default:
                    throw new ImageException($"the space log has an entry with the tag {tag}");
            }
        }
    }

    private static void Free(
        SortedDictionary<long, FreePage> free, (long First, long Pages) extent, ulong group, ulong age)
    {
        Require(age < group, (ulong)extent.First, $"is freed in {group} with the age {age}");
        for (var page = extent.First; page < extent.First + extent.Pages; page++)
        {
            Require(
                free.TryAdd(page, new FreePage(group - age, group)), (ulong)page, "is freed twice in the space log");
        }
    }

    private static void Name(SortedDictionary<ulong, int> named, ulong id, ulong group, bool isPinned)
    {
        var names = named.GetValueOrDefault(id) + (isPinned ? 1 : -1);
        Require(id > 0 && id <= group, id, $"is a state that the space log names in {group}");
        Require(names >= 0, id, "is a state whose name ends in the space log, and has none");
        if (names == 0)
        {
            named.Remove(id);
        }
        else
        {
            named[id] = names;
        }
    }

    private static void Allocate(SortedDictionary<long, FreePage> free, (long First, long Pages) extent)
    {
        for (var page = extent.First; page < extent.First + extent.Pages; page++)
        {
            Require(free.Remove(page), (ulong)page, "is allocated in the space log without being free");
        }
    }

    private static (long First, long Pages) Extent(ReadOnlySpan<byte> entries, ref int at, MetaImage meta)
    {
        ulong first = Number(entries, ref at), pages = Number(entries, ref at);
        Require(
            first >= (ulong)meta.FirstPage && pages > 0 && first < meta.PageCount && pages <= meta.PageCount - first,
            first,
            $"begins an extent of {pages} pages in the space log that is not inside the file");
        return ((long)first, (long)pages);
    }

    private static ulong Number(ReadOnlySpan<byte> entries, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (at >= entries.Length)
            {
                throw new ImageException("an entry of the space log is cut off");
            }

            var part = entries[at++];
            if (shift == 63 && part > 1)
            {
                break;
            }

            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new ImageException("a number in the space log does not fit 64 bits");
    }

    private static void Require(bool condition, ulong page, string problem)
    {
        if (!condition)
        {
            throw new ImageException($"page {page} {problem}");
        }
    }

    private static void Require(
        bool condition, ulong page, [InterpolatedStringHandlerArgument(nameof(condition))] ref Problem problem)
    {
        if (!condition)
        {
            problem.Throw(page);
        }
    }
}
