using System.Text.Json;
using Engine.Cli.Shared;
using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Inspection;

/// <summary>What <c>page</c> shows of a page.</summary>
internal sealed class PageReport(InspectedFile file, PageFacts facts, byte[] bytes, Presentation show)
{
    private const int RawShown = 256;

    private RegionList Regions { get; } = PageRegions.Of(bytes, show);

    public void WriteTo(Output output, bool dump)
    {
        WriteFacts(output);
        output.WriteLine();
        var header = new PageHeader(bytes);
        if (!facts.HasHeader || PageHeader.NameOf(header.Kind) is "none" or "unknown")
        {
            HexDump.WritePlain(output, dump ? bytes : bytes.AsSpan(0, Math.Min(RawShown, bytes.Length)));
            WriteRest(output, dump);
            return;
        }

        HexDump.WriteAnnotated(output, Regions, everything: dump, shorten: !dump);
        if (dump)
            return;
        output.WriteLine();
        if (header.Kind == LeafKind)
            WriteEntries(output, header);
        else if (header.Kind == BranchKind)
            WriteChildren(output, header);
        else if (header.Kind == OverflowKind)
        {
            HexDump.WritePlain(
                output, bytes.AsSpan(HeaderLength, Math.Min(RawShown, bytes.Length - HeaderLength)), HeaderLength);
            WriteRest(output, dump);
        }
    }

    public void WriteJson(Output output) => JsonReport.Write(output, json =>
    {
        json.WriteString("path", file.Path);
        json.WriteNumber("page", facts.Page);
        json.WriteString("role", facts.Role);
        if (facts.Reference is { } reference)
        {
            json.WriteStartObject("reference");
            json.WriteString("from", reference.From);
            if (reference.Holder is { } holder)
                json.WriteNumber("page", holder);
            json.WriteString("crc", Words.Hex(reference.Crc));
            json.WriteEndObject();
            if (reference.Lower is { } lower)
                JsonReport.WriteBytes(json, "lower", lower);
            if (reference.Upper is { } upper)
                JsonReport.WriteBytes(json, "upper", upper);
        }

        if (facts.StoredCrc is { } stored)
            json.WriteString("storedCrc", Words.Hex(stored));
        if (facts.ComputedCrc is { } computed)
            json.WriteString("computedCrc", Words.Hex(computed));
        if (facts.Problem is { } problem)
            json.WriteString("problem", problem);
        RegionsReport.WriteJson(json, facts.HasHeader ? Regions : new RegionList(bytes));
    });

    private void WriteFacts(Output output)
    {
        var table = new TextTable($"{file.Path}, page {facts.Page}", "", "");
        table.Add("role", facts.Role);
        if (facts.Reference is { } reference)
        {
            table.Add("referred to by", reference.From);
            if (reference.Run is null && (reference.Lower is not null || reference.Upper is not null))
                table.Add(
                    "keys",
                    $"{(reference.Lower is { } low ? $"from {show.Bytes(low, 40)}" : "from the start")}, "
                    + $"{(reference.Upper is { } high ? $"below {show.Bytes(high, 40)}" : "to the end")}");
        }

        string of = facts.Reference?.Run is { } run ? $" (of the run from page {run.Page})" : "";
        table.Add("checksum stored", facts.StoredCrc is { } stored ? Words.Hex(stored) + of : "none");
        table.Add("computed", facts.ComputedCrc is { } computed ? Words.Hex(computed) + of : "not possible");
        if (facts.Reference is not null)
            table.Add("expected", Words.Hex(facts.Reference.Crc));
        var header = new PageHeader(bytes);
        if (facts.HasHeader && header.IsNode)
            table.Add("fill", Human.Percent(header.Fill(bytes.Length)));
        if (facts.Problem is { } problem)
            table.Add("DAMAGED", problem);
        table.WriteTo(output);
    }

    private void WriteEntries(Output output, in PageHeader header)
    {
        if (!SlotsFit(output, header, LeafSlotLength))
            return;
        var table = new TextTable(null, ">entry", "head", ">at", "key", "value");
        for (int i = 0; i < header.Count; i++)
        {
            string head = U32(bytes, HeaderLength + 4 * i).ToString("x8");
            int at = U16(bytes, HeaderLength + 4 * header.Count + 2 * i);
            if (!LeafCell.TryRead(bytes, header.Count, i, out LeafCell cell))
            {
                table.Add($"{i}", head, $"{at}", "LEAVES THE PAGE", "");
                continue;
            }

            string value = cell.IsOverflow
                ? $"{show.Size(cell.Reference(bytes).Length)} in page {cell.Reference(bytes).Page}"
                : show.Bytes(cell.Value(bytes), 40);
            table.Add($"{i}", head, $"{at}", show.Bytes(cell.Key(bytes), 32), value);
        }

        table.WriteTo(output);
    }

    private void WriteChildren(Output output, in PageHeader header)
    {
        bool isCounted = BranchCheck.IsCounted(bytes);
        if (!SlotsFit(output, header, BranchCheck.SlotLength(bytes)))
            return;
        var table = isCounted
            ? new TextTable(null, ">child", "head", ">at", ">page", "crc", ">entries", "separator")
            : new TextTable(null, ">child", "head", ">at", ">page", "crc", "separator");
        for (int i = 0; i < header.Count; i++)
        {
            string head = U32(bytes, HeaderLength + 4 * i).ToString("x8");
            int child = HeaderLength + 4 * header.Count + 12 * i;
            int at = U16(bytes, HeaderLength + 16 * header.Count + 2 * i);
            string separator = BranchCell.TryRead(bytes, header.Count, i, out BranchCell cell)
                ? show.Bytes(cell.Separator(bytes), 32)
                : "LEAVES THE PAGE";
            string crc = U32(bytes, child + 8).ToString("x8");
            if (isCounted)
                table.Add(
                    $"{i}",
                    head,
                    $"{at}",
                    $"{U64(bytes, child)}",
                    crc,
                    $"{BranchCheck.TryEntryCount(bytes, i)}",
                    separator);
            else
                table.Add($"{i}", head, $"{at}", $"{U64(bytes, child)}", crc, separator);
        }

        table.WriteTo(output);
    }

    private bool SlotsFit(Output output, in PageHeader header, int slotLength)
    {
        int end = HeaderLength + slotLength * header.Count;
        if (end <= bytes.Length)
            return true;
        output.WriteLine(
            $"{header.Count} slots would end at byte {end}, and the page has {bytes.Length}: --dump shows its bytes");
        return false;
    }

    private void WriteRest(Output output, bool dump)
    {
        if (!dump && bytes.Length > RawShown)
            output.WriteLine("the rest is shown with --dump");
    }
}
