using System.Text.Json;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench), Category(Categories.Process), NonParallelizable]
public class DifferenceCommandTests
{
    [Test]
    public void Diff_FindsWhatWasOverwritten_InFewPages()
    {
        using TempDirectory directory = new();
        string file = directory.File("diff.json");

        (int exitCode, string output, string errors) =
            BenchProgram.Run("diff", "--n", "20000", "--changes", "5,50", "--runs", "3", "--quiet", "--json", file);

        Assert.That(exitCode, Is.Zero, errors + output);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(file));
        JsonElement[] rows = [.. report.RootElement.GetProperty("rows").EnumerateArray()];
        Assert.That(rows.Select(row => row.GetProperty("overwrites").GetInt64()), Is.EqualTo(new[] { 5, 50 }));
        foreach (JsonElement row in rows)
        {
            long changes = row.GetProperty("changes").GetInt64();
            Assert.That(changes, Is.InRange(row.GetProperty("overwrites").GetInt64() - 3, 50));
            Assert.That(row.GetProperty("pages").GetInt64(), Is.LessThanOrEqualTo(changes * 2 * 3));
            Assert.That(row.GetProperty("time").GetProperty("median").GetDouble(), Is.Positive);
        }
    }

    [TestCase("--changes", "none", "--changes takes numbers")]
    [TestCase("--runs", "0", "--runs is a number")]
    public void Diff_WithAWrongOption_SaysWhatItTakes(string option, string value, string message)
    {
        (int exitCode, _, string errors) = BenchProgram.Run("diff", option, value);

        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.StartWith(message));
    }
}
