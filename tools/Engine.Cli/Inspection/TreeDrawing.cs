using System.Text.Json;
using Engine.Cli.Shared;

namespace Engine.Cli.Inspection;

/// <summary>What <c>tree</c> shows: a tree down to a depth, with at most so many children of each branch.</summary>
internal sealed class TreeDrawing : IReport
{
    private const int LongestKey = 24;

    private readonly InspectedFile _file;
    private readonly TreeInfo _tree;
    private readonly int _depth;
    private readonly int _children;
    private readonly NodeReader _reader;
    private readonly DamageList _damage;
    private readonly CancellationToken _cancellation;
    private readonly DrawnNode? _root;

    public TreeDrawing(
        InspectedFile file, TreeInfo tree, int depth, int children, DamageList damage, CancellationToken cancellation)
    {
        _file = file;
        _tree = tree;
        _depth = depth;
        _children = children;
        _reader = new NodeReader(file);
        _damage = damage;
        _cancellation = cancellation;
        if (tree.Record.Root != 0)
            _root = Draw(tree.Record.Root, tree.Record.RootCrc, tree.Record.Depth - 1, null, 1);
    }

    public void WriteTo(Output output, Presentation show)
    {
        output.WriteLine(
            $"{_file.Path}, {_tree.Phrase}: {Human.Count(_tree.Record.Entries)} "
            + $"{(_tree.Record.Entries == 1 ? "entry" : "entries")}, depth {_tree.Record.Depth}");
        if (_root is null)
            output.WriteLine("empty");
        else
            Write(output, show, _root, "", "");
    }

    public void WriteJson(Output output, DamageList damage) => JsonReport.Write(output, json =>
    {
        json.WriteString("path", _file.Path);
        JsonReport.WriteBytes(json, "tree", _tree.Name);
        json.WriteString("role", _tree.Role.ToString().ToLowerInvariant());
        json.WriteNumber("entries", _tree.Record.Entries);
        json.WriteNumber("depth", _tree.Record.Depth);
        if (_root is not null)
        {
            json.WritePropertyName("root");
            WriteJson(json, _root);
        }

        DamageReporting.WriteJson(json, damage);
    });

    /// <summary>
    /// Ends although it follows what a file says: the level sinks with each step, and it begins at 31 at most.
    /// </summary>
    private DrawnNode Draw(ulong page, uint crc, int level, byte[]? separator, int depth)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (level is < 0 or >= Integrity.FileFormat.MaximumDepth)
            return Damaged(page, level, separator, $"level {level} is not possible");
        if (_reader.TryRead(page, crc, level, out string problem) is not { } bytes)
            return Damaged(page, level, separator, problem);
        var header = new PageHeader(bytes);
        var node = new DrawnNode
        {
            Page = page,
            Level = level,
            Count = header.Count,
            Fill = header.Fill(_file.PageSize),
            Separator = separator,
            Keys = level == 0 ? (Key(bytes, header.Count, 0), Key(bytes, header.Count, header.Count - 1)) : null,
        };
        if (level > 0 && depth < _depth)
            DrawChildren(node, bytes, header.Count, depth);
        return node;
    }

    private void DrawChildren(DrawnNode node, byte[] bytes, int count, int depth)
    {
        // The first ones and one at the end: both edges of a tree are where most things happen.
        int last = _children > 1 && count > _children ? 1 : 0;
        int first = Math.Min(count, _children - last);
        node.Omitted = count - first - last;
        node.OmittedAt = first;
        for (int i = 0; i < count; i = i + 1 == first ? count - last : i + 1)
        {
            _ = BranchCell.TryRead(bytes, count, i, out BranchCell cell);
            node.Children.Add(
                Draw(
                    cell.Child,
                    cell.ChildCrc,
                    node.Level - 1,
                    i == 0 ? null : cell.Separator(bytes).ToArray(),
                    depth + 1));
        }
    }

    private DrawnNode Damaged(ulong page, int level, byte[]? separator, string problem)
    {
        _damage.Add(page, 1, problem);
        return new DrawnNode { Page = page, Level = level, Separator = separator, Problem = problem };
    }

    private static byte[] Key(byte[] bytes, int count, int index)
    {
        _ = LeafCell.TryRead(bytes, count, index, out LeafCell cell);
        return cell.Key(bytes).ToArray();
    }

    private static void Write(Output output, Presentation show, DrawnNode node, string prefix, string below)
    {
        output.WriteLine(prefix + Describe(node, show));
        for (int i = 0; i < node.Children.Count; i++)
        {
            if (node.Omitted > 0 && i == node.OmittedAt)
                WriteOmitted(output, node, below, isLast: false);
            bool isLast = i == node.Children.Count - 1 && (node.Omitted == 0 || node.OmittedAt < node.Children.Count);
            Write(output, show, node.Children[i], below + (isLast ? "└─ " : "├─ "), below + (isLast ? "   " : "│  "));
        }

        if (node.Omitted > 0 && node.OmittedAt == node.Children.Count)
            WriteOmitted(output, node, below, isLast: true);
    }

    private static void WriteOmitted(Output output, DrawnNode node, string below, bool isLast) =>
        output.WriteLine(
            $"{below}{(isLast ? "└─ " : "├─ ")}… {Human.Count((long)node.Omitted, "child", "children")} more");

    private static string Describe(DrawnNode node, Presentation show)
    {
        string from = node.Separator is { } separator ? $", from {show.Bytes(separator, LongestKey)}" : "";
        if (node.Problem is { } problem)
            return $"page {node.Page}{from}: DAMAGED: {problem}";
        string what = node.Level == 0
            ? Human.Count((long)node.Count, "entry", "entries")
            : $"level {node.Level}, {Human.Count((long)node.Count, "child", "children")}";
        string keys = node.Keys is var (first, last)
            ? $", {show.Bytes(first, LongestKey)} to {show.Bytes(last, LongestKey)}"
            : "";
        return $"page {node.Page}: {(node.Level == 0 ? "leaf" : "branch")}, {what}, {Human.Percent(node.Fill)} "
            + $"full{(node.Level == 0 ? keys : from)}";
    }

    private static void WriteJson(Utf8JsonWriter json, DrawnNode node)
    {
        json.WriteStartObject();
        json.WriteNumber("page", node.Page);
        json.WriteString("kind", node.Level == 0 ? "leaf" : "branch");
        json.WriteNumber("level", node.Level);
        if (node.Separator is not null)
            JsonReport.WriteBytes(json, "separator", node.Separator);
        if (node.Problem is not null)
            json.WriteString("damage", node.Problem);
        else
            json.WriteNumber("count", node.Count);
        json.WriteNumber("fill", Math.Round(node.Fill, 4));
        if (node.Keys is var (first, last))
        {
            JsonReport.WriteBytes(json, "firstKey", first);
            JsonReport.WriteBytes(json, "lastKey", last);
        }

        if (node.Children.Count > 0)
        {
            json.WriteStartArray("children");
            foreach (DrawnNode child in node.Children)
                WriteJson(json, child);
            json.WriteEndArray();
            json.WriteNumber("childrenLeftOut", node.Omitted);
        }

        json.WriteEndObject();
    }
}
