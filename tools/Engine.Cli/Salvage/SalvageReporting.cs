using System.Text.Json;
using Engine.Cli.Reading;
using Engine.Cli.Shared;

namespace Engine.Cli.Salvage;

/// <summary>Says what a salvage saved and what is lost.</summary>
internal static class SalvageReporting
{
    private const int ShownRanges = 20;
    private const int LongestKey = 40;

    public static void WriteText(Output output, SalvageResult result, string path, Presentation show)
    {
        output.WriteLine();
        long recovered = result.Trees.Sum(tree => tree.Recovered) + (result.Orphans?.Found?.Entries ?? 0);
        output.WriteLine(
            $"salvaged {(result.Transaction is { } transaction ? $"transaction {transaction}" : "what is left")} into "
            + $"{path}: {Human.Count(recovered, "entry", "entries")} in "
            + $"{Human.Count(result.Trees.Count, "tree", "trees")}; checked: ok");
        if (result.NewerTransaction is { } newer)
            output.WriteLine(
                $"there is a newer state, transaction {newer}, which recovery does not take: if no crash cut it off, "
                + $"--newest begins with it");
        if (result.Transaction is null)
            output.WriteLine(
                "both metas are gone: nothing tells what the newest state is, so entries that were deleted or "
                + "overwritten may have come back");
        else if (result.IsUnconfirmed)
            output.WriteLine(
                "the meta has a wrong checksum: the checksums of the pages alone say that the trees are what they "
                + "were");
        WriteTrees(output, result);
        foreach (LostRange range in result.CatalogLosses.Ranges)
            output.WriteLine($"lost: trees with names {Describe(range.Keys, show)}: {Reason(range)}");
        foreach (SalvagedTree tree in result.Trees)
            WriteLosses(output, tree, show);
        if (result.Orphans is not null)
            WriteOrphans(output, result.Orphans, show);
        output.WriteLine(
            result.IsComplete
                ? "nothing was lost"
                : "some entries are lost or may be out of date: compare with a backup");
    }

    public static void WriteJson(Utf8JsonWriter json, SalvageResult result, string path)
    {
        json.WriteStartObject("salvage");
        json.WriteString("path", path);
        json.WriteBoolean("complete", result.IsComplete);
        if (result.Transaction is { } transaction)
            json.WriteNumber("transaction", transaction);
        if (result.NewerTransaction is { } newer)
            json.WriteNumber("newerTransaction", newer);
        json.WriteBoolean("unconfirmed", result.IsUnconfirmed);
        json.WriteStartArray("trees");
        foreach (SalvagedTree tree in result.Trees)
            WriteTree(json, tree);
        json.WriteEndArray();
        WriteRanges(json, "lostNames", result.CatalogLosses);
        if (result.Orphans is { } orphans)
            WriteOrphans(json, orphans);
        json.WriteEndObject();
    }

    private static void WriteTrees(Output output, SalvageResult result)
    {
        var table = new TextTable(null, "tree", ">entries", ">reached", ">older state", ">orphans", ">missing");
        foreach (SalvagedTree tree in result.Trees)
        {
            table.Add(
                tree.DisplayName, Human.Count(tree.Recorded), Human.Count(tree.Reached),
                    Human.Count(tree.FromOlderState),
                Human.Count(tree.FromOrphans), Human.Count(tree.Missing));
        }

        table.WriteTo(output);
    }

    private static void WriteLosses(Output output, SalvagedTree tree, Presentation show)
    {
        if (tree.OlderTransaction is { } older)
            output.WriteLine(
                $"out of date: tree {tree.DisplayName} is that of transaction {older}; where the newest one is cannot "
                + $"be read");
        foreach (LostRange range in tree.Losses.Ranges.Take(ShownRanges))
            output.WriteLine(
                $"lost: {tree.DisplayName}, {(range.IsValue ? "the value of " : "keys ")}{Describe(range, show)}: "
                + $"{Reason(range)}");
        if (tree.Losses.Ranges.Count > ShownRanges)
            output.WriteLine(
                $"lost: {tree.DisplayName}, {Human.Count(tree.Losses.Ranges.Count - ShownRanges)} more ranges (--json "
                + $"lists all)");
    }

    private static void WriteOrphans(Output output, OrphanResult orphans, Presentation show)
    {
        TextWrap.WriteLine(
            output,
            $"orphans: {Human.Count(orphans.Leaves, "leaf", "leaves")} to which nothing leads went to their trees; "
            + $"{Human.Count(orphans.Stale, "former version", "former versions")} of leaves left out");
        if (!orphans.FreeIsKnown)
        {
            TextWrap.WriteLine(
                output,
                $"orphans: the space log is not whole, so entries that were deleted or overwritten may have come back; "
                + $"{Human.Count(orphans.Superseded, "leaf", "leaves")} more looked like former versions of newer "
                + $"ones; left out were {Human.Count(orphans.SupersededEntries, "entry", "entries")} of theirs that a "
                + $"newer leaf has with another value, and {Human.Count(orphans.RepeatedEntries, "entry", "entries")} "
                + $"that a newer leaf has just so");
        }

        if (orphans.Found is not { } found)
            return;
        TextWrap.WriteLine(
            output,
            $"lost and found: {Human.Count(found.Entries, "entry", "entries")} of "
            + $"{Human.Count(found.Leaves, "leaf", "leaves")} whose tree is not known are in the tree "
            + $"{TreeNames.Label(found.TreeName)}, each key behind birth and page: birth.page:key");
        foreach (FoundLeaf leaf in found.First.Take(ShownRanges))
            output.WriteLine(
                $"lost and found: page {leaf.Page}, written by transaction {leaf.Birth}: "
                + $"{Human.Count(leaf.Entries, "entry", "entries")}");
        if (found.Leaves > ShownRanges)
            output.WriteLine(
                $"lost and found: {Human.Count(found.Leaves - ShownRanges)} more leaves: their keys name them");
        foreach (LostRange range in found.Losses.Ranges.Take(ShownRanges))
            output.WriteLine(
                $"lost: {TreeNames.Label(found.TreeName)}, the value of {Describe(range, show)}: {Reason(range)}");
    }

    private static void WriteOrphans(Utf8JsonWriter json, OrphanResult orphans)
    {
        json.WriteStartObject("orphans");
        json.WriteNumber("leaves", orphans.Leaves);
        json.WriteNumber("formerVersions", orphans.Stale);
        json.WriteBoolean("freePagesKnown", orphans.FreeIsKnown);
        json.WriteNumber("supersededLeaves", orphans.Superseded);
        json.WriteNumber("supersededEntries", orphans.SupersededEntries);
        json.WriteNumber("repeatedEntries", orphans.RepeatedEntries);
        json.WriteEndObject();
        if (orphans.Found is not { } found)
            return;
        json.WriteStartObject("lostAndFound");
        json.WriteString("tree", found.TreeName);
        json.WriteNumber("entries", found.Entries);
        json.WriteNumber("leaves", found.Leaves);
        JsonReport.WriteObjects(json, "first", found.First, leaf =>
        {
            json.WriteNumber("page", leaf.Page);
            json.WriteNumber("birth", leaf.Birth);
            json.WriteNumber("entries", leaf.Entries);
        });
        WriteRanges(json, "lost", found.Losses);
        json.WriteEndObject();
    }

    private static string Describe(LostRange range, Presentation show) =>
        range.IsValue ? show.Bytes(range.From, LongestKey) : Describe(range.Keys, show);

    private static string Describe(KeyRange keys, Presentation show) => (keys.From, keys.To) switch
    {
        (null, null) => "of all kinds",
        (null, { } to) => $"below {show.Bytes(to, LongestKey)}",
        ({ } from, null) => $"from {show.Bytes(from, LongestKey)} on",
        var (from, to) => $"from {show.Bytes(from, LongestKey)} to {show.Bytes(to, LongestKey)} (excluded)",
    };

    private static string Reason(LostRange range) =>
        $"page {range.Page} "
        + $"{range.Problem}{(range.Pages > 1 ? $", and {Human.Count(range.Pages - 1)} more beside it" : "")}";

    private static void WriteTree(Utf8JsonWriter json, SalvagedTree tree)
    {
        json.WriteStartObject();
        json.WriteString("name", tree.Name);
        json.WriteNumber("recorded", tree.Recorded);
        json.WriteNumber("reached", tree.Reached);
        json.WriteNumber("fromOlderState", tree.FromOlderState);
        json.WriteNumber("fromOrphans", tree.FromOrphans);
        json.WriteNumber("missing", tree.Missing);
        if (tree.OlderTransaction is { } older)
            json.WriteNumber("olderTransaction", older);
        WriteRanges(json, "lost", tree.Losses);
        json.WriteEndObject();
    }

    private static void WriteRanges(Utf8JsonWriter json, string name, LossList losses)
    {
        JsonReport.WriteObjects(json, name, losses.Ranges, range =>
        {
            if (range.IsValue)
            {
                JsonReport.WriteBytes(json, "key", range.From);
            }
            else
            {
                if (range.From is not null)
                    JsonReport.WriteBytes(json, "from", range.From);
                if (range.To is not null)
                    JsonReport.WriteBytes(json, "to", range.To);
            }

            json.WriteNumber("page", range.Page);
            json.WriteNumber("pages", range.Pages);
            json.WriteString("problem", range.Problem);
        });
    }
}
