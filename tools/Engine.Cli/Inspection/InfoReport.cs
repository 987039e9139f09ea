using System.Text.Json;
using Engine.Cli.Shared;
using Engine.Cli.Statistics;
using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Inspection;

/// <summary>What <c>info</c> shows.</summary>
internal sealed class InfoReport(
    InspectedFile file, SlotReport slots, PageTotals? totals, IReadOnlyList<TreeMeasure> measures) : IReport
{
    private long Slack =>
        file.Meta is { } meta && file.PageSize > 0
            ? file.Length - (long)Math.Min(meta.PageCount, file.PagesInFile) * file.PageSize
            : 0;

    public void WriteTo(Output output, Presentation show)
    {
        WriteFile(output, show);
        output.WriteLine();
        WriteMetas(output, show);
        output.WriteLine();
        TextWrap.WriteLine(output, slots.Verdict);
        if (totals is null)
            return;
        output.WriteLine();
        WritePages(output, totals, show);
    }

    public void WriteJson(Output output, DamageList damage) => JsonReport.Write(output, json =>
    {
        json.WriteString("path", file.Path);
        json.WriteNumber("fileBytes", file.Length);
        json.WriteNumber("slackBytes", Slack);
        json.WriteNumber("pageSize", file.PageSize);
        json.WriteBoolean("superblockValid", file.Superblock is not null);
        if (file.Superblock is { } superblock)
            json.WriteString("fileId", Convert.ToHexStringLower(superblock.FileId));
        json.WriteStartArray("metas");
        foreach (MetaSlot slot in file.Slots)
            WriteJson(json, slot);
        json.WriteEndArray();
        json.WriteStartObject("recovery");
        if (file.Meta is { } meta && file.Refusal is null)
            json.WriteNumber("slot", meta.Index);
        else
            json.WriteNull("slot");
        json.WriteString("why", slots.Verdict);
        json.WriteBoolean("live", file.IsLive);
        json.WriteEndObject();
        if (totals is not null)
            WriteJson(json, totals);
        DamageReporting.WriteJson(json, damage);
    });

    private void WriteFile(Output output, Presentation show)
    {
        var facts = new TextTable(file.Path, "", "");
        facts.Add(
            "file",
            Slack == 0
                ? show.Size(file.Length)
                : $"{show.Size(file.Length)}, of which {show.Size(Slack)} lie behind the last page");
        facts.Add(
            "superblock",
            file.SuperblockProblem is { } problem
                ? $"damaged: {problem.Rule}: expected {problem.Expected}, found {problem.Found}"
                : "right");
        if (file.Superblock is { } superblock)
            facts.Add("file id", Convert.ToHexStringLower(superblock.FileId));
        facts.Add(
            "page size",
            file.PageSize == 0
                ? "unknown"
                : $"{Human.Count(file.PageSize)} bytes{(file.Superblock is null ? ", as a meta says" : "")}");
        if (file.Lock is { } shared)
        {
            facts.Add("writer", shared.HasLiveWriter ? shared.DescribeWriter() : "none");
            if (shared.FlushMark)
                facts.Add("flush mark", "set: a flush is under way, or the last writer died within one");
        }
        else if (!file.IsToldToDoWithoutLock)
        {
            facts.Add("writer", "none");
        }

        facts.WriteTo(output);
    }

    private void WriteMetas(Output output, Presentation show)
    {
        var table = new TextTable(null, "meta", "slot 0", "slot 1");
        Add("state", slot => slots.Status(slot.Index), always: true);
        Add("transaction", slot => $"{slot.Id}");
        Add("durable before", slot => $"{slot.DurableId}");
        Add("class", SlotReport.ClassOf);
        Add("its pages", slot => slots.Pages(slot.Index));
        Add("page count", slot => Human.Count(slot.PageCount));
        Add("default tree", slot => Describe(slot.DefaultTree));
        Add("catalog", slot => Describe(slot.Catalog));
        Add("next tree id", slot => $"{slot.NextTreeId}");
        Add(
            "log pages",
            slot => slot.LogPages == 0 ? "0" : $"{Human.Count(slot.LogPages)}, newest {slot.NewestLogPage}");
        Add("log head", slot => show.Size(slot.LogHeadUsed));
        Add("runs listed", slot => $"{slot.RunCount}");
        Add(
            "list run",
            slot => slot.HasListRun ? $"{show.Size(slot.ListRunLength)} in page {slot.ListRunPage}" : "none");
        Add("digest", slot => slot.IsVerified ? Words.Hex(slot.Digest) : "none");
        Add("checksum", slot => Words.Hex(slot.StoredChecksum));
        table.WriteTo(output);

        void Add(string name, Func<MetaSlot, string> value, bool always = false) =>
            table.Add([name, .. file.Slots.Select(slot => always || !slot.IsZero ? value(slot) : "")]);
    }

    private void WritePages(Output output, PageTotals known, Presentation show)
    {
        var table = new TextTable(null, "pages", ">count", ">size", ">share", ">fill");
        foreach (PageUse use in known.Uses)
            Add(use.Name, use.Pages, Fill(use.JsonName));
        Add("all", known.All, null);
        table.WriteTo(output);
        if (measures.Count == 0)
            output.WriteLine("The fill is measured with --walk.");

        void Add(string name, ulong pages, double? fill) => table.Add(
            name,
            Human.Count(pages),
            show.Size((double)pages * file.PageSize),
            Human.Percent(known.All == 0 ? 0 : (double)pages / known.All),
            fill is { } share ? Human.Percent(share) : "");
    }

    private double? Fill(string use)
    {
        (Func<TreeMeasure, ulong> pages, Func<TreeMeasure, double> fill) = use switch
        {
            "branches" => (m => m.BranchPages, m => m.BranchFill),
            "leaves" => (m => m.LeafPages, m => m.LeafFill),
            "overflow" => (m => m.OverflowPages, m => m.OverflowFill),
            _ => ((Func<TreeMeasure, ulong>)(_ => 0), (Func<TreeMeasure, double>)(_ => 0)),
        };
        double all = measures.Sum(measure => (double)pages(measure));
        return all == 0 ? null : measures.Sum(measure => pages(measure) * fill(measure)) / all;
    }

    private static string Describe(in TreeRecord record) => record.Root == 0
        ? "empty"
        : $"root {record.Root}, depth {record.Depth}, {Human.Count(record.Entries)} "
            + $"{(record.Entries == 1 ? "entry" : "entries")}";

    private void WriteJson(Utf8JsonWriter json, MetaSlot slot)
    {
        json.WriteStartObject();
        json.WriteNumber("slot", slot.Index);
        json.WriteString("state", slots.Status(slot.Index));
        json.WriteBoolean("checksumRight", slot.HasRightChecksum);
        json.WriteBoolean("valid", slots.IsValid(slot.Index));
        if (!slot.IsZero)
        {
            json.WriteNumber("transaction", slot.Id);
            json.WriteNumber("durableTransaction", slot.DurableId);
            json.WriteString("class", SlotReport.ClassOf(slot));
            if (slots.PagesMatch(slot.Index) is { } match)
                json.WriteBoolean("pagesMatch", match);
            json.WriteNumber("pageCount", slot.PageCount);
            WriteJson(json, "defaultTree", slot.DefaultTree);
            WriteJson(json, "catalog", slot.Catalog);
            json.WriteNumber("nextTreeId", slot.NextTreeId);
            json.WriteNumber("logPages", slot.LogPages);
            json.WriteNumber("newestLogPage", slot.NewestLogPage);
            json.WriteNumber("logHeadBytes", slot.LogHeadUsed);
            json.WriteNumber("runs", slot.RunCount);
            if (slot.HasListRun)
            {
                json.WriteNumber("listRun", slot.ListRunPage);
                json.WriteNumber("listRunBytes", slot.ListRunLength);
            }

            json.WriteString("digest", Words.Hex(slot.Digest));
        }

        json.WriteEndObject();
    }

    private static void WriteJson(Utf8JsonWriter json, string name, in TreeRecord record)
    {
        json.WriteStartObject(name);
        json.WriteNumber("root", record.Root);
        json.WriteString("rootCrc", Words.Hex(record.RootCrc));
        json.WriteNumber("depth", record.Depth);
        json.WriteNumber("flags", record.Flags);
        json.WriteNumber("entries", record.Entries);
        json.WriteNumber("leafPages", record.LeafPages);
        json.WriteNumber("branchPages", record.BranchPages);
        json.WriteNumber("overflowPages", record.OverflowPages);
        json.WriteNumber("id", record.Id);
        json.WriteNumber("changed", record.Changed);
        json.WriteEndObject();
    }

    private void WriteJson(Utf8JsonWriter json, PageTotals known)
    {
        json.WriteNumber("pageCount", known.All);
        json.WriteStartObject("pages");
        foreach (PageUse use in known.Uses)
            json.WriteNumber(use.JsonName, use.Pages);
        json.WriteEndObject();
        if (measures.Count == 0)
            return;
        json.WriteStartObject("fill");
        foreach (string use in (string[])["branches", "leaves", "overflow"])
        {
            if (Fill(use) is { } fill)
                json.WriteNumber(use, Math.Round(fill, 4));
        }

        json.WriteEndObject();
    }
}
