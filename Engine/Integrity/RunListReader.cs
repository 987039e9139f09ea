using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>
/// Reads the run list of a verified meta (section 3, "Run list and digest"), wherever it is. After a crash it may well
/// not be there, so what is found is no problem in itself.
/// </summary>
internal sealed class RunListReader(IPageReader reader, long fileLength, int pageSize, CancellationToken cancellation)
{
    private const int OldEntryLength = 12;

    private readonly List<(ulong First, ulong Pages)> _runs = [];

    /// <summary>The runs that were read, ascending, without overlap, within the pages of the meta.</summary>
    public IReadOnlyList<(ulong First, ulong Pages)> Runs => _runs;

    /// <summary>Reads the list; null if it is one, else the first thing that is wrong.</summary>
    public Finding? Read(MetaSlot meta)
    {
        _runs.Clear();
        if (meta.IsOld)
            return ReadOld(meta);
        if (!meta.HasListRun)
            return Decode(meta, meta.InlineList);
        var value = new byte[meta.ListRunLength];
        return ReadListRun(meta, value) ?? Decode(meta, value);
    }

    private Finding? ReadOld(MetaSlot meta)
    {
        var next = Geometry.FirstPageOf(pageSize);
        for (var i = 0; i < meta.RunCount; i++)
        {
            var first = U64(meta.Block, InlineListOffset + OldEntryLength * i);
            ulong pages = U32(meta.Block, InlineListOffset + OldEntryLength * i + 8);
            if (first < next || !Add(meta, first, pages))
                return Extent(meta, next, first, pages);
            next = first + pages;
        }

        return null;
    }

    private Finding? Decode(MetaSlot meta, ReadOnlySpan<byte> list)
    {
        var next = Geometry.FirstPageOf(pageSize);
        var at = 0;
        for (uint i = 0; i < meta.RunCount; i++)
        {
            if (!TryReadNumber(list, ref at, out var gap) || !TryReadNumber(list, ref at, out var pages))
            {
                return new Finding(
                    IntegrityRules.RunListNumber,
                    null,
                    $"{meta.RunCount} runs in the {list.Length} bytes of the run list",
                    $"run {i} does not end, or has a number of more than 64 bits");
            }

            if (gap > meta.PageCount - next || !Add(meta, next + gap, pages))
                return Extent(meta, next, unchecked(next + gap), pages);
            next += gap + pages;
        }

        return FirstNonZero(list[at..]) is var behind and >= 0
            ? new Finding(
                IntegrityRules.RunListNumber,
                null,
                $"zeros behind the {meta.RunCount} runs of the run list",
                $"{list[at + behind]} at its byte {at + behind}")
            : null;
    }

    private bool Add(MetaSlot meta, ulong first, ulong pages)
    {
        if (pages == 0 || first >= meta.PageCount || pages > meta.PageCount - first)
            return false;
        _runs.Add((first, pages));
        return true;
    }

    private static Finding Extent(MetaSlot meta, ulong next, ulong first, ulong pages) => new(
        IntegrityRules.RunListExtent,
        null,
        $"ascending extents within pages {next} to {meta.PageCount - 1}",
        $"{pages} pages from {first}");

    private static bool TryReadNumber(ReadOnlySpan<byte> list, ref int at, out ulong number)
    {
        number = 0;
        for (var shift = 0; shift < 70 && at < list.Length; shift += 7)
        {
            var part = list[at++];
            if (shift == 63 && part > 1)
                return false;
            number |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return true;
        }

        return false;
    }

    /// <summary>An overflow run like any other, whose reference stands in the meta.</summary>
    private Finding? ReadListRun(MetaSlot meta, Span<byte> value)
    {
        var page = meta.ListRunPage;
        var pages = OverflowPages(meta.ListRunLength, pageSize);
        if (page + pages > (ulong)fileLength / (ulong)pageSize)
            return Run($"a list run of {pages} pages", $"a file of {fileLength} bytes");
        var crc = new RunScanner(reader, pageSize).Scan(page, meta.ListRunLength, cancellation, out _);
        if (crc != meta.ListRunCrc)
            return Run($"CRC {Words.Hex(meta.ListRunCrc)} of the list run", Words.Hex(crc));
        Span<byte> header = stackalloc byte[HeaderLength];
        reader.Read((long)page * pageSize, header);
        if (U32(header, 0) != crc)
            return Run($"CRC field {Words.Hex(crc)} in the list run", Words.Hex(U32(header, 0)));
        if (header[4] != OverflowKind)
            return Run("a list run that is an overflow run", $"kind {header[4]}");
        if (U64(header, 8) != page)
            return Run($"page number {page} in the list run", $"{U64(header, 8)}");
        if (U64(header, 16) != meta.ListRunBirth)
            return Run($"birth {meta.ListRunBirth} in the list run", $"{U64(header, 16)}");
        if (U32(header, 24) != meta.ListRunLength)
            return Run($"length {meta.ListRunLength} in the list run", $"{U32(header, 24)}");
        reader.Read((long)page * pageSize + HeaderLength, value);
        return null;

        Finding Run(string expected, string found) => new(IntegrityRules.ListRun, page, expected, found);
    }
}
