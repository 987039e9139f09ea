using System.Text.Json;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench), Category(Categories.Process), NonParallelizable]
public class MicroCommandTests
{
    [Test]
    public void Micro_RunsEveryBenchmark()
    {
        using TempDirectory directory = new();
        string file = directory.File("micro.json");

        (int exitCode, string output, string errors) = BenchProgram.Run("micro", "--job", "dry", "--json", file);

        Assert.That(exitCode, Is.Zero, errors + output);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(file));
        JsonElement[] results = [.. report.RootElement.GetProperty("results").EnumerateArray()];
        Assert.That(results, Has.Length.EqualTo(32));
        Assert.That(results.Select(result => result.GetProperty("mean").GetDouble()), Is.All.Positive);
    }

    [Test]
    public void Micro_WithAFilterThatMatchesNothing_SaysSo()
    {
        (int exitCode, _, string errors) = BenchProgram.Run("micro", "--filter", "Nothing");

        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.StartWith("No micro benchmark matches"));
    }
}
