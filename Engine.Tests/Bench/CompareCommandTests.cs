using System.Runtime.InteropServices;
using System.Text.Json;

namespace Engine.Tests.Bench;

public class CompareCommandTests
{
    [Test]
    public void Compare_WithLmdb_ShowsARatioForEveryWorkloadAndEqualResults()
    {
        if (!NativeLibrary.TryLoad("liblmdb.so.0", out _))
        {
            Assert.Ignore("liblmdb.so.0 is not installed (apt-get install liblmdb0).");
        }

        string file = Path.Combine(Path.GetTempPath(), $"engine-bench-{Path.GetRandomFileName()}.json");
        try
        {
            (int exitCode, string output, string errors) = BenchProgram.Run("compare", "--n", "2000", "--runs", "1", "--no-warm-up", "--json", file);

            Assert.That(exitCode, Is.Zero, errors + output);
            using JsonDocument report = JsonDocument.Parse(File.ReadAllText(file));
            JsonElement workloads = report.RootElement.GetProperty("workloads");
            Assert.That(workloads.GetArrayLength(), Is.EqualTo(14));
            foreach (JsonElement workload in workloads.EnumerateArray())
            {
                AssertRatioAndEqualDigests(workload);
                Assert.That(output, Does.Contain(workload.GetProperty("title").GetString()));
            }

            Assert.That(report.RootElement.GetProperty("machine").GetProperty("cores").GetInt32(), Is.EqualTo(Environment.ProcessorCount));
            Assert.That(output, Does.Contain("A call from C# into lmdb costs"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public void Compare_WithoutPeers_ShowsTimesOfThisEngine()
    {
        (int exitCode, string output, string errors) = BenchProgram.Run(
            "compare", "--n", "1000", "--runs", "1", "--peers", "none", "--workloads", "random-fill,random-get", "--no-warm-up", "--quiet");

        Assert.That(exitCode, Is.Zero, errors + output);
        Assert.That(output, Does.Contain("random fill, 10^3 per transaction").And.Contain("random get, one read transaction"));
        Assert.That(output, Does.Not.Contain("forward scan"));
    }

    [TestCase("--peers", "berkeley", "There is no peer \"berkeley\"")]
    [TestCase("--workloads", "random-guess", "No workload is called \"random-guess\"")]
    public void Compare_WithAnUnknownName_SaysWhichOnesThereAre(string option, string value, string message)
    {
        (int exitCode, _, string errors) = BenchProgram.Run("compare", option, value);

        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.StartWith(message));
    }

    private static void AssertRatioAndEqualDigests(JsonElement workload)
    {
        string? name = workload.GetProperty("name").GetString();
        JsonElement[] measurements = [.. workload.GetProperty("measurements").EnumerateArray()];
        Assert.That(measurements.Select(each => each.GetProperty("peer").GetString()), Is.EqualTo(new[] { "engine", "lmdb" }), name);
        Assert.That(measurements.Select(each => each.GetProperty("digest").GetString()).Distinct().Count(), Is.EqualTo(1), name);

        JsonElement ratio = workload.GetProperty("ratios")[0];
        Assert.That(ratio.GetProperty("time").GetProperty("median").GetDouble(), Is.Positive, name);
        Assert.That(ratio.GetProperty("nativeTime").GetProperty("median").GetDouble(), Is.Positive, name);
    }
}
