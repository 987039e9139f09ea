using System.Text.Json;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench), Category(Categories.Process), NonParallelizable]
public class CostCommandTests
{
    [Test]
    public void Cost_OfOverwrites_IsWhatTheFormulaSays()
    {
        using TempDirectory directory = new();
        string file = directory.File("cost.json");

        (int exitCode, string output, string errors) =
            BenchProgram.Run("cost", "--n", "3000", "--peers", "none", "--quiet", "--json", file);

        Assert.That(exitCode, Is.Zero, errors + output);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(file));
        JsonElement[] rows = [.. report.RootElement.GetProperty("rows").EnumerateArray()];
        Assert.That(
            rows.Select(row => row.GetProperty("batch").GetInt32()), Is.EqualTo(new[] { 1, 10, 100, 1000, 10_000 }));
        foreach (JsonElement row in rows)
        {
            double pages = row.GetProperty("pages").GetDouble();
            Assert.That(
                pages, Is.EqualTo(row.GetProperty("expectedPages").GetDouble()).Within(6).Percent, row.ToString());
            Assert.That(row.GetProperty("bytes").GetDouble(), Is.EqualTo(pages * 4096).Within(1e-6), row.ToString());
            Assert.That(row.GetProperty("flushes").GetDouble(), Is.InRange(1, 2), row.ToString());
        }

        int depth = rows[0].GetProperty("levels").GetArrayLength();
        Assert.That(
            rows[0].GetProperty("pages").GetDouble(),
            Is.InRange(depth + 1, depth + 1.1),
            "a one-key commit writes its path and the meta");
    }

    [TestCase("--n", "some", "--n takes numbers")]
    [TestCase("--peers", "sqlite", "--peers is lmdb or none")]
    public void Cost_WithAWrongOption_SaysWhatItTakes(string option, string value, string message)
    {
        (int exitCode, _, string errors) = BenchProgram.Run("cost", option, value);

        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.StartWith(message));
    }
}
