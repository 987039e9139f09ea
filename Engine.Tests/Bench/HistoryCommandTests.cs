using System.Text.Json;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench), Category(Categories.Process), NonParallelizable]
public class HistoryCommandTests
{
    [Test]
    public void History_MeasuresEveryRow()
    {
        using TempDirectory directory = new();
        string file = directory.File("history.json");

        (int exitCode, string output, string errors) = BenchProgram.Run(
            "history", "--n", "5000", "--rounds", "2", "--load-rounds", "1", "--seconds", "0.2", "--quiet", "--json", file);

        Assert.That(exitCode, Is.Zero, errors + output);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(file));
        JsonElement[] rows = [.. report.RootElement.GetProperty("rows").EnumerateArray()];
        Assert.That(rows, Has.Length.EqualTo(5));
        foreach (JsonElement row in rows)
        {
            Assert.That(row.GetProperty("ratio").GetProperty("median").GetDouble(), Is.Positive);
        }
    }

    [TestCase("--rounds", "0", "--rounds is a number")]
    [TestCase("--seconds", "0", "--seconds is a number")]
    public void History_WithAWrongOption_SaysWhatItTakes(string option, string value, string message)
    {
        (int exitCode, _, string errors) = BenchProgram.Run("history", option, value);

        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.StartWith(message));
    }
}
