using System.Text;
using System.Text.Json;
using Engine.Cli.Shared;
using Engine.Integrity;
using Engine.Transactions;

namespace Engine.Cli.Inspection;

/// <summary>What <c>trees</c> shows.</summary>
internal sealed class TreesReport(InspectedFile file, IReadOnlyList<TreeMeasure> trees) : IReport
{
    private const int LongestName = 24;

    /// <summary>The names of indexes, each with the label of its tree.</summary>
    private readonly Dictionary<string, string> _indexes = IndexesOf(trees);

    public void WriteTo(Output output, Presentation show)
    {
        output.WriteLine($"{file.Path}, transaction {file.Meta?.Id}");
        output.WriteLine();
        var table =
            new TextTable(null, "tree", ">entries", ">depth", ">size", ">key", ">value", ">values apart", ">scattered");
        foreach (TreeMeasure tree in trees.Where(IsWorthALine))
        {
            table.Add(
                Name(output, tree), Human.Count(tree.Entries), Human.Count((ulong)tree.Tree.Record.Depth),
                    show.Size((double)tree.Pages * file.PageSize),
                Average(tree.AverageKey), Average(tree.AverageValue),
                tree.OverflowValues == 0
                    ? "none"
                    : $"{Human.Count(tree.OverflowValues)} in {Human.Count((long)tree.OverflowPages, "page", "pages")}",
                tree.Levels.Count > 0 ? Human.Percent(tree.Levels[0].Fragmentation) : "");
        }

        table.WriteTo(output);
        output.WriteLine();
        WriteLevels(output, show);
    }

    public void WriteJson(Output output, DamageList damage) => JsonReport.Write(output, json =>
    {
        json.WriteString("path", file.Path);
        json.WriteNumber("transaction", file.Meta?.Id ?? 0);
        json.WriteStartArray("trees");
        foreach (TreeMeasure tree in trees)
            WriteJson(json, tree);
        json.WriteEndArray();
        DamageReporting.WriteJson(json, damage);
    });

    private void WriteLevels(Output output, Presentation show)
    {
        var table = new TextTable(null, "tree", ">level", "kind", ">pages", ">size", ">fill", ">items a page", ">runs");
        foreach (TreeMeasure tree in trees.Where(IsWorthALine))
        {
            string name = Name(output, tree);
            foreach (LevelFacts level in tree.Levels.Reverse())
            {
                table.Add(
                    name, Human.Count((ulong)level.Level), level.Level == 0 ? "leaf" : "branch",
                    Human.Count(level.Pages),
                    show.Size((double)level.Pages * file.PageSize), Human.Percent(level.Fill),
                    Average(level.ItemsPerPage), Human.Count(level.Runs));
                name = "";
            }

            if (tree.OverflowPages > 0)
            {
                table.Add(
                    "", "", "overflow", Human.Count(tree.OverflowPages),
                    show.Size((double)tree.OverflowPages * file.PageSize),
                    Human.Percent(tree.OverflowFill), Average((double)tree.OverflowValues / tree.OverflowPages),
                    Human.Count(tree.OverflowValues));
            }
        }

        table.WriteTo(output);
    }

    /// <summary>The catalog of a database without named trees says nothing.</summary>
    private static bool IsWorthALine(TreeMeasure tree) =>
        tree.Tree.Role != TreeRole.Catalog || tree.Tree.Record.Root != 0;

    /// <summary>Cut where a person looks at it; what goes into a file or a pipe is whole.</summary>
    private string Name(Output output, TreeMeasure tree)
    {
        string label = tree.Tree.Label;
        if (output.IsTerminal && label.Length > LongestName)
            label = label[..(LongestName - 1)] + "…";
        if (Kind(tree) is { Length: > 0 } kind)
            label += $" ({kind})";
        if (IndexedTree(tree) is { } indexed)
            label += $" (index of {indexed})";
        return tree.IsComplete ? label : label + " (damaged)";
    }

    private static string Kind(TreeMeasure tree)
    {
        TreeKind kind = tree.Tree.Kind;
        string multi = !kind.IsMultiValued ? ""
            : kind.KeySize == 0 ? "multi-valued"
            : $"multi-valued, keys of {Human.Count(kind.KeySize, "byte", "bytes")}";
        string expiry = kind.IsExpiring ? "expiring" : kind.IsTimeIndex ? "times of an expiring tree" : "";
        string[] words = [kind.IsCounted ? "counted" : "", multi, expiry];
        return string.Join(", ", words.Where(word => word.Length > 0));
    }

    private static Dictionary<string, string> IndexesOf(IReadOnlyList<TreeMeasure> trees)
    {
        var indexes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (TreeMeasure tree in trees)
        {
            if (AttributeListCheck.Find(tree.Tree.Attributes, out _) is null
                && IndexList.TryRead(tree.Tree.Attributes, out IndexDefinition[] named))
            {
                foreach (IndexDefinition index in named)
                    indexes.TryAdd(index.Name, tree.Tree.Label);
            }
        }

        return indexes;
    }

    /// <summary>The tree that this is an index of; null if it is none.</summary>
    private string? IndexedTree(TreeMeasure tree) =>
        tree.Tree.Role == TreeRole.Named ? _indexes.GetValueOrDefault(Encoding.UTF8.GetString(tree.Tree.Name)) : null;

    private static string Average(double value) => value.ToString("N1");

    private void WriteJson(Utf8JsonWriter json, TreeMeasure tree)
    {
        TreeRecord record = tree.Tree.Record;
        json.WriteStartObject();
        json.WriteString("role", tree.Tree.Role.ToString().ToLowerInvariant());
        JsonReport.WriteBytes(json, "name", tree.Tree.Name);
        json.WriteNumber("id", record.Id);
        json.WriteNumber("root", record.Root);
        json.WriteNumber("depth", record.Depth);
        json.WriteNumber("changed", record.Changed);
        TreeKind kind = tree.Tree.Kind;
        json.WriteBoolean("counted", kind.IsCounted);
        json.WriteBoolean("multiValued", kind.IsMultiValued);
        json.WriteBoolean("expiring", kind.IsExpiring);
        json.WriteBoolean("timeIndex", kind.IsTimeIndex);
        json.WriteNumber("keySize", kind.KeySize);
        json.WriteString("keyCodec", kind.KeyCodec);
        json.WriteString("valueCodec", kind.ValueCodec);
        json.WriteNumber("attributeBytes", tree.Tree.Attributes.Length);
        if (IndexedTree(tree) is { } indexed)
            json.WriteString("indexOf", indexed);
        json.WriteBoolean("complete", tree.IsComplete);
        json.WriteNumber("entries", tree.Entries);
        json.WriteNumber("recordedEntries", record.Entries);
        json.WriteNumber("leafPages", tree.LeafPages);
        json.WriteNumber("branchPages", tree.BranchPages);
        json.WriteNumber("overflowPages", tree.OverflowPages);
        json.WriteNumber("overflowValues", tree.OverflowValues);
        json.WriteNumber("overflowBytes", tree.OverflowBytes);
        json.WriteNumber("keyBytes", tree.KeyBytes);
        json.WriteNumber("valueBytes", tree.ValueBytes);
        json.WriteNumber("longestKey", tree.LongestKey);
        json.WriteNumber("longestValue", tree.LongestValue);
        JsonReport.WriteObjects(json, "levels", tree.Levels, level =>
        {
            json.WriteNumber("level", level.Level);
            json.WriteNumber("pages", level.Pages);
            json.WriteNumber("items", level.Items);
            json.WriteNumber("fill", Math.Round(level.Fill, 4));
            json.WriteNumber("runs", level.Runs);
            json.WriteNumber("fragmentation", Math.Round(level.Fragmentation, 4));
        });
        json.WriteEndObject();
    }
}
