using System.Text.Json;
using Engine.Bench;
using Engine.Bench.Commands;
using Engine.Bench.Measuring;
using Engine.Bench.Reports;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench), Category(Categories.Process), NonParallelizable]
public class BuildComparisonTests
{
    [Test]
    public void Compare_OfABuildWithItself_GivesAVerdictPerWorkloadAndEqualAnswers()
    {
        using TempDirectory directory = new();
        string file = directory.File("report.json");

        (int exitCode, string output, string errors) = BenchProgram.Run(
            "compare", "--baseline-build", AppContext.BaseDirectory, "--n", "500", "--runs", "6", "--workloads",
            "random-get,overwrite-1-noflush,mixed-50-50,parked-reader", "--fail-if-slower", "1e9", "--no-warm-up",
            "--quiet", "--json", file);

        Assert.That(exitCode, Is.Zero, errors + output);
        Assert.That(output, Does.Contain("verdict"));
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(file));
        foreach (JsonElement workload in report.RootElement.GetProperty("workloads").EnumerateArray())
        {
            string? name = workload.GetProperty("name").GetString();
            JsonElement[] measurements = [.. workload.GetProperty("measurements").EnumerateArray()];
            Assert.That(
                measurements.Select(each => each.GetProperty("peer").GetString()),
                Is.EqualTo(new[] { "engine", "baseline" }),
                name);
            Assert.That(
                measurements[0].GetProperty("digest").GetString(),
                Is.Not.EqualTo("0000000000000000 (0 hits, 0 misses)"),
                name);
            Assert.That(
                measurements[1].GetProperty("digest").GetString(),
                Is.EqualTo(measurements[0].GetProperty("digest").GetString()),
                name);
            int runs = name == "parked-reader" ? 1 : 6;
            Assert.That(measurements[0].GetProperty("runSeconds").GetArrayLength(), Is.EqualTo(runs), name);
            Assert.That(
                workload.GetProperty("verdict").GetProperty("kind").GetString(),
                runs == 1 ? Is.EqualTo("Undecided") : Is.AnyOf("Same", "Slower", "Faster"),
                name);
        }

        string[] modules =
        [
            .. report.RootElement.GetProperty("peers").EnumerateArray().Select(
                peer => peer.GetProperty("description").GetString()!.Split("module ")[1].Split(',')[0])
        ];
        Assert.That(modules[0], Is.EqualTo(typeof(Database).Module.ModuleVersionId.ToString()).And.EqualTo(modules[1]));
    }

    [Test]
    public void Compare_WithADirectoryWithoutABuild_SaysHowToMakeOne()
    {
        using TempDirectory directory = new();

        (int exitCode, _, string errors) = BenchProgram.Run("compare", "--baseline-build", directory.File("."));

        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.StartWith("--baseline-build takes a directory").And.Contain("dotnet build"));
    }

    [TestCase(0.9, "Slower", 5, ExpectedResult = true)]
    [TestCase(0.9, "Slower", 12, ExpectedResult = false)]
    [TestCase(0.9, "Same", 5, ExpectedResult = false)]
    [TestCase(1.1, "Faster", 0, ExpectedResult = false)]
    public bool IsTooSlow_OfAVerdict_TakesBothTheNoiseAndThePercentage(double ratio, string kind, double percent)
    {
        Report report = ReportWith(new Verdict(Enum.Parse<VerdictKind>(kind), ratio, ratio, ratio));
        CompareChoice choice = Choice() with { FailIfSlower = percent };

        return choice.IsTooSlow(report);
    }

    [Test]
    public void Validate_OfOptionsThatExcludeOneAnother_SaysWhichToLeaveOut()
    {
        Assert.That(
            () => (Choice() with { NamesPeers = true }).Validate(),
            Throws.TypeOf<BenchException>().With.Message.Contains("--peers"));
        Assert.That(
            () => (Choice() with { Build = null, FailIfSlower = 5 }).Validate(),
            Throws.TypeOf<BenchException>().With.Message.Contains("--baseline-build"));
        Assert.That(
            () => (Choice() with { Preset = "service" }).Validate(),
            Throws.TypeOf<BenchException>().With.Message.Contains("--preset"));
        Assert.That(
            () => (Choice() with { Build = null, Preset = "desktop" }).Validate(),
            Throws.TypeOf<BenchException>().With.Message.Contains("desktop"));
        Assert.That(() => Choice().Validate(), Throws.Nothing);
    }

    private static CompareChoice Choice() => new(
        Preset: null, Build: ".", FailIfSlower: null, "engine", "lmdb", NamesPeers: false, Selection: null,
        HasMemoryLimit: false);

    private static Report ReportWith(Verdict verdict) => new()
    {
        Tool = "test",
        Started = default,
        Seconds = 1,
        Commit = "commit",
        CommandLine = "command",
        Machine = MachineInfo.Of(Path.GetTempPath()),
        Parameters = new ReportParameters(1, 16, 100, 6, 1, "durable", 3, 1000, null, null, false),
        Peers = [],
        Workloads =
        [
            new ReportWorkload
            {
                Name = "random-get",
                Title = "random get",
                Unit = "get",
                Writes = false,
                Failure = null,
                Lacks = [],
                Verdict = verdict,
                LimitNanosecondsPerOperation = null,
                Measurements = [],
                Ratios = [],
            },
        ],
    };
}
