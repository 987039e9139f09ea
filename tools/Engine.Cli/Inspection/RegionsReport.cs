using System.Text.Json;
using Engine.Cli.Shared;

namespace Engine.Cli.Inspection;

/// <summary>Shows a block, and any region list as JSON.</summary>
internal static class RegionsReport
{
    public static void WriteTo(Output output, string title, RegionList list, bool dump)
    {
        output.WriteLine(title);
        output.WriteLine();
        HexDump.WriteAnnotated(output, list, everything: true, shorten: !dump);
    }

    public static void WriteJson(Output output, string path, string block, RegionList list) =>
        JsonReport.Write(output, json =>
        {
            json.WriteString("path", path);
            json.WriteString("block", block);
            WriteJson(json, list);
        });

    public static void WriteJson(Utf8JsonWriter json, RegionList list)
    {
        JsonReport.WriteObjects(json, "fields", list.Regions.OrderBy(region => region.Offset), region =>
        {
            json.WriteNumber("offset", region.Offset);
            json.WriteNumber("length", region.Length);
            json.WriteString("name", region.Name);
            json.WriteString("meaning", region.Meaning);
        });
        json.WriteString("bytes", Convert.ToHexStringLower(list.Bytes));
    }
}
