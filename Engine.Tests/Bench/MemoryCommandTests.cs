using System.Text.Json;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench), Category(Categories.Process), NonParallelizable]
public class MemoryCommandTests
{
    [Test]
    public void Memory_OfEngineAndZoneTree_ShowsWhoMapsTheFileAndWhoHoldsObjects()
    {
        const long Entries = 20_000, DataBytes = Entries * 116;
        if (!File.Exists("/proc/self/status"))
        {
            Assert.Ignore("Only Linux tells.");
        }

        using TempDirectory directory = new();
        string file = directory.File("memory.json");

        (int exitCode, string output, string errors) = BenchProgram.Run(
            "memory", "--n", Entries.ToString(), "--peers", "engine,zonetree", "--quiet", "--json", file);

        Assert.That(exitCode, Is.Zero, errors + output);
        Assert.That(output, Does.Contain("Memory of an open database, 20,000 entries").And.Contain("RssAnon"));
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(file));
        JsonElement[] rows = [.. report.RootElement.GetProperty("rows").EnumerateArray()];
        Assert.That(
            rows.Select(row => row.GetProperty("peer").GetString()), Is.EqualTo(new[] { "engine", "zonetree" }));
        JsonElement engine = rows[0].GetProperty("measured"), zoneTree = rows[1].GetProperty("measured");
        Assert.That(engine.GetProperty("fileBytes").GetInt64(), Is.AtLeast(DataBytes));
        Assert.That(engine.GetProperty("read").GetProperty("mapped").GetInt64(), Is.AtLeast(DataBytes));
        Assert.That(engine.GetProperty("read").GetProperty("managed").GetInt64(), Is.LessThan(DataBytes / 2));
        Assert.That(zoneTree.GetProperty("read").GetProperty("managed").GetInt64(), Is.AtLeast(DataBytes));
    }

    [Test]
    public void Memory_OfAnUnknownEngine_SaysWhichOnesThereAre()
    {
        (int exitCode, _, string errors) = BenchProgram.Run("memory", "--peers", "berkeley");

        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.StartWith("There is no peer \"berkeley\""));
    }
}
