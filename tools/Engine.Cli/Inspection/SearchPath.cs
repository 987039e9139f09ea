using System.Text.Json;
using Engine.Cli.Shared;

namespace Engine.Cli.Inspection;

/// <summary>What <c>tree --path</c> shows: the way of a search from the root to the leaf.</summary>
internal sealed class SearchPath : IReport
{
    private const int LongestKey = 40;

    private readonly InspectedFile _file;
    private readonly TreeInfo _tree;
    private readonly byte[] _key;
    private readonly List<PathStep> _steps = [];

    public SearchPath(InspectedFile file, TreeInfo tree, byte[] key, DamageList damage)
    {
        _file = file;
        _tree = tree;
        _key = key;
        var reader = new NodeReader(file);
        (ulong page, uint crc) = (tree.Record.Root, tree.Record.RootCrc);
        for (int level = page == 0 ? -1 : tree.Record.Depth - 1; level >= 0; level--)
        {
            if (reader.TryRead(page, crc, level, out string problem) is not { } bytes)
            {
                damage.Add(page, 1, problem);
                return;
            }

            _steps.Add(PathStep.In(page, bytes, key));
            BranchCell child = level > 0 ? _steps[^1].ChildAt(_steps[^1].Slot) : default;
            (page, crc) = (child.Child, child.ChildCrc);
        }
    }

    public bool IsFound => _steps.Count > 0 && _steps[^1].IsFound;

    public void WriteTo(Output output, Presentation show)
    {
        output.WriteLine(
            $"{_file.Path}, {_tree.Phrase}: the search for {show.Bytes(_key, LongestKey)} "
            + $"({Human.Count((long)_key.Length, "byte", "bytes")})");
        if (_tree.Record.Root == 0)
            output.WriteLine("the tree is empty");
        foreach (PathStep step in _steps)
        {
            output.WriteLine();
            if (step.Header.Level == 0)
                WriteLeaf(output, show, step);
            else
                WriteBranch(output, show, step);
        }
    }

    public void WriteJson(Output output, DamageList damage) => JsonReport.Write(output, json =>
    {
        json.WriteString("path", _file.Path);
        JsonReport.WriteBytes(json, "tree", _tree.Name);
        JsonReport.WriteBytes(json, "key", _key);
        json.WriteBoolean("found", IsFound);
        json.WriteStartArray("steps");
        foreach (PathStep step in _steps)
            WriteJson(json, step);
        json.WriteEndArray();
        DamageReporting.WriteJson(json, damage);
    });

    private static void WriteBranch(Output output, Presentation show, PathStep step)
    {
        int count = step.Header.Count;
        output.WriteLine(
            $"page {step.Page}: branch, level {step.Header.Level}, {Human.Count((long)count, "child", "children")}: "
            + $"takes child {step.Slot}");
        TextWrap.WriteLine(output, "  " + Compared(step, "separators"), 2);
        var table = new TextTable(null, "", ">child", "from", ">page");
        for (int i = Math.Max(step.Slot - 1, 0); i <= Math.Min(step.Slot + 1, count - 1); i++)
            table.Add(
                i == step.Slot ? "  ->" : "",
                $"{i}",
                i == 0 ? "the start" : show.Bytes(step.KeyAt(i), LongestKey),
                $"{step.ChildAt(i).Child}");
        table.WriteTo(output);
    }

    private static void WriteLeaf(Output output, Presentation show, PathStep step)
    {
        int count = step.Header.Count;
        string result = step.IsFound ? $"found, entry {step.Slot}" : $"not there; it would be entry {step.Slot + 1}";
        output.WriteLine($"page {step.Page}: leaf, {Human.Count((long)count, "entry", "entries")}: {result}");
        TextWrap.WriteLine(output, "  " + Compared(step, "keys"), 2);
        var table = new TextTable(null, "", ">entry", "key", "value");
        for (int i = Math.Max(step.IsFound ? step.Slot - 1 : step.Slot, 0);
            i <= Math.Min(step.Slot + 1, count - 1);
            i++)
        {
            _ = LeafCell.TryRead(step.Bytes, count, i, out LeafCell cell);
            string value = cell.IsOverflow
                ? $"{Human.Count(cell.Reference(step.Bytes).Length)} bytes in page {cell.Reference(step.Bytes).Page}"
                : show.Bytes(cell.Value(step.Bytes), LongestKey);
            table.Add(
                step.IsFound && i == step.Slot ? "  ->" : "",
                $"{i}",
                show.Bytes(cell.Key(step.Bytes), LongestKey),
                value);
        }

        table.WriteTo(output);
    }

    private static string Compared(PathStep step, string what)
    {
        if (step.First >= step.Header.Count)
            return "nothing to compare: there is one child";
        string prefix = step.Header.Skip == 0 ? ""
            : step.PrefixOrder < 0 ? $"below the {step.Header.Skip} bytes that all {what} share"
            : step.PrefixOrder > 0 ? $"above the {step.Header.Skip} bytes that all {what} share"
            : $"the {step.Header.Skip} bytes that all {what} share are equal; ";
        if (step.PrefixOrder != 0)
            return prefix;
        string ties = step.HeadsEqual == 0 ? "none is equal" : $"{step.HeadsEqual} equal: compared in full";
        return $"{prefix}head 0x{step.Head:x8}: {step.HeadsBelow} of {step.Header.Count - step.First} heads are below "
            + $"it, {ties}";
    }

    private static void WriteJson(Utf8JsonWriter json, PathStep step)
    {
        json.WriteStartObject();
        json.WriteNumber("page", step.Page);
        json.WriteString("kind", step.Header.Level == 0 ? "leaf" : "branch");
        json.WriteNumber("level", step.Header.Level);
        json.WriteNumber("count", step.Header.Count);
        json.WriteNumber("skip", step.Header.Skip);
        json.WriteString("head", $"0x{step.Head:x8}");
        json.WriteNumber("headsBelow", step.HeadsBelow);
        json.WriteNumber("headsEqual", step.HeadsEqual);
        json.WriteNumber("slot", step.Slot);
        if (step.Slot >= step.First && step.Slot < step.Header.Count)
            JsonReport.WriteBytes(json, "left", step.KeyAt(step.Slot));
        if (step.Slot + 1 < step.Header.Count)
            JsonReport.WriteBytes(json, "right", step.KeyAt(step.Slot + 1));
        if (step.Header.Level > 0)
            json.WriteNumber("child", step.ChildAt(step.Slot).Child);
        json.WriteEndObject();
    }
}
