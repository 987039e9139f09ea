using Engine.Cli.Shared;
using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Inspection;

/// <summary>
/// The fields of a page by what its own header says it is, right or not (docs/format.md, sections 5 to 9).
/// </summary>
internal static class PageRegions
{
    private const int LongestKey = 40;
    private const int LongestValue = 48;

    public static RegionList Of(byte[] page, Presentation show)
    {
        var list = new RegionList(page);
        var header = new PageHeader(page);
        AddHeader(list, header);
        switch (header.Kind)
        {
            case LeafKind:
                AddLeaf(list, header, show);
                break;
            case BranchKind:
                AddBranch(list, header, show);
                break;
            case OverflowKind:
                int shown = (int)Math.Min(header.Length, (uint)(page.Length - HeaderLength));
                list.Add(
                    HeaderLength,
                    shown,
                    "value",
                    show.Bytes(page.AsSpan(HeaderLength, shown), LongestValue),
                    isHeader: false);
                list.Zeros(HeaderLength + shown, page.Length);
                break;
            case LogKind:
                list.Long(32, "older page", U64(page, 32) == 0 ? "0, this is the oldest" : $"page {U64(page, 32)}");
                list.Crc(40, "its crc");
                list.Word(44, "zero");
                int used = (int)Math.Min(header.Length, (uint)(page.Length - LogEntriesOffset));
                LogRegions.Add(list, LogEntriesOffset, used);
                list.Zeros(LogEntriesOffset + used, page.Length);
                break;
        }

        return list;
    }

    private static void AddHeader(RegionList list, in PageHeader header)
    {
        list.Crc(0, "crc");
        list.Byte(4, "kind", $"{header.Kind}, {PageHeader.NameOf(header.Kind)}");
        list.Byte(5, "level");
        list.Short(6, "skip", header.IsNode ? $"{header.Skip} bytes that all keys share" : $"{header.Skip}");
        list.Long(8, "page");
        list.Long(16, "birth", $"transaction {header.Birth}");
        if (header.Kind is OverflowKind or LogKind)
        {
            list.Word(24, header.Kind == LogKind ? "bytes used" : "value length");
            list.Word(28, "zero");
        }
        else
        {
            list.Short(24, "count", $"{header.Count} {(header.Kind == BranchKind ? "children" : "entries")}");
            list.Short(26, "heap bytes", $"{header.HeapBytes}, from byte {list.Bytes.Length - header.HeapBytes}");
            list.Short(28, "dead");
            list.Short(30, "flags");
        }
    }

    private static void AddLeaf(RegionList list, in PageHeader header, Presentation show)
    {
        byte[] page = list.Bytes;
        int slots = AddSlots(list, header, LeafSlotLength, HeaderLength + 4 * header.Count);
        for (int i = 0; i < slots; i++)
        {
            if (!LeafCell.TryRead(page, header.Count, i, out LeafCell cell))
                continue;
            string value = cell.IsOverflow
                ? Describe(cell.Reference(page))
                : show.Bytes(cell.Value(page), LongestValue);
            list.Add(
                cell.Offset,
                cell.Length,
                $"cell {i}",
                $"{show.Bytes(cell.Key(page), LongestKey)} = {value}",
                isHeader: false);
        }

        AddGap(list, header, HeaderLength + LeafSlotLength * header.Count);
    }

    private static void AddBranch(RegionList list, in PageHeader header, Presentation show)
    {
        byte[] page = list.Bytes;
        int slotLength = BranchCheck.SlotLength(page);
        int slots = AddSlots(list, header, slotLength, HeaderLength + 16 * header.Count);
        for (int i = 0; i < slots; i++)
        {
            if (BranchCheck.TryEntryCount(page, i) is { } entries)
                list.Add(
                    HeaderLength + BranchSlotLength * header.Count + BranchCheck.CountLength(page[5]) * i,
                    BranchCheck.CountLength(page[5]),
                    $"count {i}",
                    $"{entries} entries below child {i}",
                    isHeader: false);
            int child = HeaderLength + 4 * header.Count + 12 * i;
            list.Add(
                child,
                12,
                $"child {i}",
                $"page {U64(page, child)}, crc {Words.Hex(U32(page, child + 8))}",
                isHeader: false);
            if (BranchCell.TryRead(page, header.Count, i, out BranchCell cell))
                list.Add(
                    cell.Offset,
                    cell.Length,
                    $"cell {i}",
                    i == 0 ? "separator 0, empty" : $"separator {show.Bytes(cell.Separator(page), LongestKey)}",
                    isHeader: false);
        }

        AddGap(list, header, HeaderLength + slotLength * header.Count);
    }

    private static string Describe(OverflowReference run) =>
        $"{run.Length} bytes in page {run.Page}, birth {run.Birth}, crc {Words.Hex(run.Crc)}";

    /// <summary>Heads and offsets, as far as they lie within the page; returns how many slots do.</summary>
    private static int AddSlots(RegionList list, in PageHeader header, int slotLength, int offsets)
    {
        byte[] page = list.Bytes;
        int slots = Math.Min(header.Count, (page.Length - HeaderLength) / slotLength);
        if (slots < header.Count)
            slots = 0;
        for (int i = 0; i < slots; i++)
        {
            list.Add(HeaderLength + 4 * i, 4, $"head {i}", Words.Hex(U32(page, HeaderLength + 4 * i)), isHeader: false);
            list.Add(offsets + 2 * i, 2, $"offset {i}", $"{U16(page, offsets + 2 * i)}", isHeader: false);
        }

        return slots;
    }

    private static void AddGap(RegionList list, in PageHeader header, int slotsEnd)
    {
        int heap = list.Bytes.Length - header.HeapBytes;
        if (slotsEnd <= heap)
            list.Zeros(slotsEnd, heap, "gap");
        else
            list.Add(
                Math.Min(slotsEnd, list.Bytes.Length),
                0,
                "gap",
                $"IMPOSSIBLE: the slots end at byte {slotsEnd}, the heap begins at byte {heap}");
    }
}
