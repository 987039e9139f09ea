using System.Text.Json;
using Engine.Cli.Shared;
using Engine.Integrity;

namespace Engine.Cli.Inspection.Map;

/// <summary>Keeps the category of each page, in bitmaps, and writes extents in the order of their numbers.</summary>
internal sealed class ExtentSink : IPageMapSink
{
    private readonly InspectedFile _file;
    private readonly PageSet[] _sets;

    public ExtentSink(InspectedFile file)
    {
        _file = file;
        _sets = [.. Enumerable.Range(0, PageCategories.Count).Select(_ => new PageSet(file.Geometry.PageCount))];
    }

    public void Reserved(ulong first, ulong pages) => Set(PageCategory.Reserved, first, pages);

    public void Free(FreeExtent extent, bool isWaiting) =>
        Set(isWaiting ? PageCategory.Waiting : PageCategory.Reusable, extent.First, extent.Pages);

    public void Log(ulong page, byte[] bytes) => Set(PageCategory.Log, page, 1);

    public void ListRun(OverflowReference run, ulong pages) => Set(PageCategory.Log, run.Page, pages);

    public void BeginTree(TreeInfo tree)
    {
        // The extents do not tell the trees apart.
    }

    public void Node(NodeVisit node, ReadOnlySpan<byte> lower) =>
        Set(node.Level == 0 ? PageCategory.Leaf : PageCategory.Branch, node.Page, 1);

    public void Overflow(OverflowReference run, ulong pages) => Set(PageCategory.Overflow, run.Page, pages);

    public void Damaged(Damage damage)
    {
        if (damage.Page is { } page && _file.Geometry.Contains(page, damage.Pages))
            Set(PageCategory.Damaged, page, damage.Pages);
    }

    public void WriteJson(Output output, DamageList damage) => JsonReport.Write(output, json =>
    {
        json.WriteString("path", _file.Path);
        json.WriteNumber("transaction", _file.Meta?.Id ?? 0);
        json.WriteNumber("pageSize", _file.PageSize);
        json.WriteNumber("pageCount", _file.Geometry.PageCount);
        json.WriteStartArray("extents");
        WriteExtents(json);
        json.WriteEndArray();
        DamageReporting.WriteJson(json, damage);
    });

    private void WriteExtents(Utf8JsonWriter json)
    {
        ulong end = _file.Geometry.PageCount;
        ulong[] change = new ulong[PageCategories.Count];
        bool[] isIn = new bool[PageCategories.Count];
        for (ulong page = 0; page < end;)
        {
            var category = PageCategory.Unknown;
            ulong next = end;
            for (int i = 1; i < PageCategories.Count; i++)
            {
                // Where membership changes next is looked for only once it is reached: each set is gone through once.
                if (change[i] <= page)
                {
                    isIn[i] = _sets[i].Contains(page);
                    change[i] = _sets[i].Next(page, end, !isIn[i]);
                }

                next = Math.Min(next, change[i]);
                if (isIn[i])
                    category = (PageCategory)i;
            }

            json.WriteStartObject();
            json.WriteNumber("first", page);
            json.WriteNumber("pages", next - page);
            json.WriteString("kind", PageCategories.JsonNameOf(category));
            json.WriteEndObject();
            page = next;
        }
    }

    private void Set(PageCategory category, ulong first, ulong pages) => _sets[(int)category].Add(first, pages);
}
