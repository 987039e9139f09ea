using System.Text.Json;
using System.Xml.Linq;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench), Category(Categories.Process), NonParallelizable]
public class ScaleCommandTests
{
    [Test]
    public void Scale_OfTwoSizes_ReportsEveryCostAndDrawsTheGrowth()
    {
        using TempDirectory directory = new();
        string json = directory.File("scale.json"), charts = directory.File("charts");

        (int exitCode, string output, string errors) = BenchProgram.Run(
            "scale", "--n", "500,5000", "--runs", "1", "--no-warm-up", "--quiet", "--json", json, "--svg", charts);

        Assert.That(exitCode, Is.Zero, errors + output);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(json));
        JsonElement[] rows = [.. report.RootElement.GetProperty("rows").EnumerateArray()];
        Assert.That(rows.Select(row => row.GetProperty("entries").GetInt64()), Is.EqualTo(new[] { 500, 5000 }));
        Assert.That(rows.Select(row => row.GetProperty("fileBytes").GetInt64()), Is.Ordered.And.All.AtLeast(500 * 116));
        Assert.That(rows[1].GetProperty("depth").GetInt32(), Is.InRange(2, 3));
        foreach (JsonElement row in rows)
        {
            Assert.That(row.GetProperty("load").GetDouble(), Is.Positive);
            foreach (string cost in new[] { "get", "scan", "overwrite", "check", "open" })
            {
                Assert.That(row.GetProperty(cost).GetProperty("median").GetDouble(), Is.Positive, cost);
            }
        }

        XElement chart = XDocument.Load(Path.Combine(charts, "growth.svg")).Root!;
        Assert.That(chart.Elements().Count(element => element.Name.LocalName == "polyline"), Is.EqualTo(6));
    }

    [Test]
    public void Scale_OfMoreThanTheDiskHolds_RefusesBeforeItBegins()
    {
        (int exitCode, _, string errors) = BenchProgram.Run("scale", "--n", "1e3,1e9", "--value-size", "256m");

        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.Contain("The databases may take").And.Not.Contain("warming up"));
    }

    [TestCase("--n", "1e3,some", "--n takes numbers from 100")]
    [TestCase("--runs", "0", "--runs is a number from 1")]
    public void Scale_WithAWrongOption_SaysWhatItTakes(string option, string value, string message)
    {
        (int exitCode, _, string errors) = BenchProgram.Run("scale", option, value);

        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.StartWith(message));
    }
}
