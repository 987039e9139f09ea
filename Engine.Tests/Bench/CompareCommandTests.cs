using System.Runtime.InteropServices;
using System.Text.Json;
using System.Xml.Linq;
using Engine.Bench.ControlGroups;
using Engine.Bench.Workloads;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench), Category(Categories.Process), NonParallelizable]
public class CompareCommandTests
{
    [Test]
    public void Compare_WithLmdb_ShowsARatioForEveryWorkloadAndEqualResults()
    {
        RequireLmdb();
        using TempDirectory directory = new();
        string json = directory.File("report.json"),
            markdown = directory.File("report.md"),
            charts = directory.File("charts");

        (int exitCode, string output, string errors) = BenchProgram.Run(
            "compare", "--n", "2000", "--runs", "1", "--no-warm-up", "--json", json, "--markdown", markdown, "--svg",
            charts);

        Assert.That(exitCode, Is.Zero, errors + output);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(json));
        JsonElement[] workloads = [.. report.RootElement.GetProperty("workloads").EnumerateArray()];
        Assert.That(workloads.Select(NameOf), Is.EqualTo(WorkloadCatalog.All.Select(each => each.Name)));
        string document = File.ReadAllText(markdown);
        foreach (JsonElement workload in workloads)
        {
            AssertRatioAndEqualDigests(workload);
            string? title = workload.GetProperty("title").GetString();
            Assert.That(output, Does.Contain(title));
            Assert.That(document, Does.Contain($"| {title} |"));
        }

        Assert.That(
            report.RootElement.GetProperty("machine").GetProperty("cores").GetInt32(),
            Is.EqualTo(Environment.ProcessorCount));
        Assert.That(output, Does.Contain("A call from C# into lmdb costs"));
        Assert.That(XDocument.Load(Path.Combine(charts, "engine-lmdb.svg")).Root!.Name.LocalName, Is.EqualTo("svg"));
    }

    [Test]
    public void Compare_OfMixedWorkloads_ReportsThroughputAndLatenciesOfBothSides()
    {
        RequireLmdb();
        JsonElement report = CompareToJson(
            "--n", "4000", "--peers", "lmdb,sqlite", "--workloads", "mixed-*", "--readers", "2");

        foreach (JsonElement workload in report.GetProperty("workloads").EnumerateArray())
        {
            JsonElement[] measurements = [.. workload.GetProperty("measurements").EnumerateArray()];
            Assert.That(
                measurements.Select(each => each.GetProperty("peer").GetString()),
                Is.EqualTo(new[] { "engine", "lmdb", "sqlite" }));
            foreach (JsonElement measurement in measurements)
            {
                (long gets, long commits) = (
                    AssertLatencies(measurement.GetProperty("gets")),
                    AssertLatencies(measurement.GetProperty("commits")));
                (long expectedGets, long expectedCommits) = NameOf(workload) == "mixed-95-5" ? (3800, 20) : (2000, 200);
                Assert.That((gets, commits), Is.EqualTo((expectedGets, expectedCommits)));
                Assert.That(measurement.GetProperty("operations").GetInt64(), Is.EqualTo(gets + 10 * commits));
            }
        }
    }

    [Test]
    public void Compare_OfLargeValues_GivesEqualResults()
    {
        RequireLmdb();
        JsonElement report = CompareToJson(
            "--n",
            "100",
            "--value-size",
            "20k",
            "--peers",
            "lmdb,sqlite",
            "--workloads",
            "bulk-load,random-*,scan-*,overwrite-1000,mixed-50-50,fill-refill");

        Assert.That(report.GetProperty("parameters").GetProperty("valueLength").GetInt32(), Is.EqualTo(20 * 1024));
        foreach (JsonElement workload in report.GetProperty("workloads").EnumerateArray())
        {
            Assert.That(workload.GetProperty("failure").GetString(), Is.Null, NameOf(workload));
        }
    }

    [Test]
    public void Compare_OfFillAndRefill_ReportsBothSizes()
    {
        JsonElement report = CompareToJson("--n", "5000", "--peers", "none", "--workloads", "fill-refill");

        JsonElement measurement = report.GetProperty("workloads")[0].GetProperty("measurements")[0];
        Assert.That(measurement.GetProperty("halfwayFileBytes").GetInt64(), Is.AtLeast(5000 * 116));
        Assert.That(
            measurement.GetProperty("fileBytes").GetInt64(),
            Is.AtLeast(measurement.GetProperty("liveBytes").GetInt64()));
    }

    [Test]
    public void Compare_WithoutPeers_ShowsTimesOfThisEngine()
    {
        (int exitCode, string output, string errors) = BenchProgram.Run(
            "compare",
            "--n",
            "1000",
            "--runs",
            "1",
            "--peers",
            "none",
            "--workloads",
            "random-fill,random-get",
            "--no-warm-up",
            "--quiet");

        Assert.That(exitCode, Is.Zero, errors + output);
        Assert.That(
            output, Does.Contain("random fill, 10^3 per transaction").And.Contain("random get, one read transaction"));
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

    [TestCase("--value-size", "15", "--value-size is a number of bytes from 16")]
    [TestCase("--readers", "0", "--readers is a number from 1")]
    [TestCase("--n", "many", "--n is a number from 100")]
    [TestCase("--memory-limit", "95m", "--memory-limit is a number of bytes from 96m")]
    [TestCase("--memory-limit", "much", "--memory-limit is a number of bytes from 96m")]
    [TestCase("--operations", "99", "--operations is a number from 100")]
    public void Compare_WithANumberOutOfBounds_SaysTheBounds(string option, string value, string message)
    {
        (int exitCode, _, string errors) = BenchProgram.Run("compare", option, value);

        Assert.That(exitCode, Is.Not.Zero);
        Assert.That(errors, Does.Contain(message));
    }

    [Test]
    public void Compare_WithAnOperationLimit_BoundsRandomOperationsOnly()
    {
        JsonElement report = CompareToJson(
            "--n",
            "20000",
            "--peers",
            "none",
            "--operations",
            "300",
            "--workloads",
            "random-fill,random-get,get-many,scan-forward,seek-next,overwrite-1000,delete-*");

        Assert.That(report.GetProperty("parameters").GetProperty("operationLimit").GetInt64(), Is.EqualTo(300));
        Assert.That(
            report.GetProperty("parameters").GetProperty("memoryLimit").ValueKind, Is.EqualTo(JsonValueKind.Null));
        foreach (JsonElement workload in report.GetProperty("workloads").EnumerateArray())
        {
            long operations = workload.GetProperty("measurements")[0].GetProperty("operations").GetInt64();
            Assert.That(
                operations,
                NameOf(workload) is "random-fill" or "scan-forward" ? Is.EqualTo(20_000) : Is.InRange(250, 303),
                NameOf(workload));
        }
    }

    [Test]
    public void Compare_WithAMemoryLimit_RunsInAGroupThatIsGoneAfterwards()
    {
        using TempDirectory directory = new();
        string json = directory.File("report.json"), markdown = directory.File("report.md");
        (int exitCode, string output, string errors) = BenchProgram.Run(
            "compare", "--n", "2000", "--runs", "1", "--no-warm-up", "--quiet", "--peers", "none", "--workloads",
            "random-get",
            "--memory-limit", "128m", "--operations", "500", "--json", json, "--markdown", markdown);
        if (exitCode == 2 && errors.Contains("--memory-limit", StringComparison.Ordinal))
        {
            Assert.Ignore(errors);
        }

        Assert.That(exitCode, Is.Zero, errors + output);
        Assert.That(errors, Does.Contain("fits the memory limit").And.Not.Contain("stays in its memory control group"));
        string head = File.ReadAllText(markdown);
        Assert.That(
            head, Does.Contain("memory limit 128 MiB, page cache included; at most 500 random operations per run"));
        Assert.That(head, Does.Contain("**Bytes read from the disk, per unit**"));
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(json));
        Assert.That(
            report.RootElement.GetProperty("parameters").GetProperty("memoryLimit").GetInt64(), Is.EqualTo(128L << 20));
        string[] abandoned = [.. ControlGroup.OfThisProcess()!.Upwards()
            .SelectMany(group => Directory.GetDirectories(group.Directory, "engine-bench-*"))
            .Where(group => !Directory.Exists("/proc/" + Path.GetFileName(group)["engine-bench-".Length..]))];
        Assert.That(abandoned, Is.Empty);
    }

    [Test]
    public void Compare_OfReadsAndWrites_ShowsTheUnavoidableWorkOfEach()
    {
        JsonElement report = CompareToJson(
            "--n", "3000", "--peers", "none", "--operations", "300", "--workloads",
            "random-fill,random-get,get-many,scan-forward,seek-next,overwrite-1-durable,mixed-50-50");

        foreach (JsonElement workload in report.GetProperty("workloads").EnumerateArray())
        {
            JsonElement limit = workload.GetProperty("limitNanosecondsPerOperation");
            if (NameOf(workload) == "mixed-50-50")
            {
                Assert.That(limit.ValueKind, Is.EqualTo(JsonValueKind.Null));
                continue;
            }

            Assert.That(limit.GetProperty("median").GetDouble(), Is.Positive, NameOf(workload));
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Compare_WithAndWithoutLimits_HasTheColumnOrNot(bool hasLimits)
    {
        string[] options = hasLimits ? [] : ["--no-limits"];
        (int exitCode, string output, string errors) = BenchProgram.Run(
            ["compare", "--n", "500", "--runs", "1", "--peers", "none", "--workloads", "random-get", "--no-warm-up",
                "--quiet", .. options]);

        Assert.That(exitCode, Is.Zero, errors + output);
        Assert.That(output.Contains("of the limit", StringComparison.Ordinal), Is.EqualTo(hasLimits));
    }

    [Test]
    public void Compare_OfMoreThanTheDiskHolds_RefusesAtOnce()
    {
        (int exitCode, _, string errors) =
            BenchProgram.Run("compare", "--n", "1e9", "--value-size", "256m", "--peers", "none", "--quiet");

        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.Contain("The databases may take"));
    }

    private static void RequireLmdb()
    {
        if (!NativeLibrary.TryLoad("liblmdb.so.0", out _))
        {
            Assert.Ignore("liblmdb.so.0 is not installed (apt-get install liblmdb0).");
        }
    }

    private static JsonElement CompareToJson(params string[] options)
    {
        using TempDirectory directory = new();
        string file = directory.File("report.json");
        (int exitCode, string output, string errors) =
            BenchProgram.Run(["compare", .. options, "--runs", "1", "--no-warm-up", "--quiet", "--json", file]);
        Assert.That(exitCode, Is.Zero, errors + output);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(file));
        return report.RootElement.Clone();
    }

    private static string? NameOf(JsonElement workload) => workload.GetProperty("name").GetString();

    private static long AssertLatencies(JsonElement latency)
    {
        string[] names = ["p50", "p99", "p999", "maximum"];
        Assert.That(names.Select(name => latency.GetProperty(name).GetDouble()), Is.Ordered.And.All.Positive);
        Assert.That(latency.GetProperty("perSecond").GetProperty("median").GetDouble(), Is.Positive);
        return latency.GetProperty("count").GetInt64();
    }

    private static void AssertRatioAndEqualDigests(JsonElement workload)
    {
        string? name = NameOf(workload);
        JsonElement[] measurements = [.. workload.GetProperty("measurements").EnumerateArray()];
        Assert.That(
            measurements.Select(each => each.GetProperty("peer").GetString()),
            Is.EqualTo(new[] { "engine", "lmdb" }),
            name);
        Assert.That(
            measurements.Select(each => each.GetProperty("digest").GetString()).Distinct().Count(),
            Is.EqualTo(1),
            name);

        JsonElement ratio = workload.GetProperty("ratios")[0];
        Assert.That(ratio.GetProperty("time").GetProperty("median").GetDouble(), Is.Positive, name);
        JsonElement native = ratio.GetProperty("nativeTime").GetProperty("median");
        if (WorkloadCatalog.All.Single(each => each.Name == name).IsConcurrent)
        {
            Assert.That(native.ValueKind, Is.EqualTo(JsonValueKind.Null), name);
        }
        else
        {
            Assert.That(native.GetDouble(), Is.Positive, name);
        }
    }
}
