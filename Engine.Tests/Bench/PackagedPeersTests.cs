using System.Text.Json;
using Engine.Bench.Peers;
using Engine.Bench.Peers.Lightning;
using Engine.Bench.Peers.Lmdb;
using Engine.Bench.Workloads;
using Engine.Tests.Infrastructure;
using LightningDB;

namespace Engine.Tests.Bench;

[Category(Categories.Bench), Category(Categories.Process), NonParallelizable]
public class PackagedPeersTests
{
    [TestCase("lightningdb")]
    [TestCase("rocksdb")]
    [TestCase("sqlite")]
    [TestCase("zonetree")]
    public void Compare_WithAPeerOfAPackage_GivesEqualAnswersOrSaysWhatItLacks(string name)
    {
        IPeer peer = PeerCatalog.Find(name)!;
        if (peer.Unavailable is { } reason)
        {
            Assert.Ignore(reason);
        }

        using TempDirectory directory = new();
        string file = directory.File("report.json");

        (int exitCode, string output, string errors) = BenchProgram.Run(
            "compare", "--n", "3000", "--operations", "200", "--runs", "1", "--no-warm-up", "--no-limits", "--quiet",
            "--peers", name, "--json", file);

        Assert.That(exitCode, Is.Zero, errors + output);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(file));
        JsonElement[] workloads = [.. report.RootElement.GetProperty("workloads").EnumerateArray()];
        Assert.That(workloads, Has.Length.EqualTo(WorkloadCatalog.All.Count));
        foreach (JsonElement workload in workloads)
        {
            string title = workload.GetProperty("title").GetString()!;
            JsonElement[] measurements = [.. workload.GetProperty("measurements").EnumerateArray()];
            JsonElement lack = workload.GetProperty("lacks").EnumerateArray().FirstOrDefault();
            if (lack.ValueKind == JsonValueKind.Object)
            {
                Assert.That(measurements, Has.Length.EqualTo(1), title);
                Assert.That(output, Does.Contain($"n/a: {name}, {title}: {lack.GetProperty("reason").GetString()}"));
                continue;
            }

            Assert.That(
                measurements.Select(each => each.GetProperty("digest").GetString()).Distinct().Count(),
                Is.EqualTo(1),
                title);
            Assert.That(measurements.Select(each => each.GetProperty("peer").GetString()), Does.Contain(name), title);
        }
    }

    [Test]
    public void Compare_WithRocksDb_LeavesOutTheRangeWhoseEntriesItDoesNotCount() => Assert.That(
        WorkloadCatalog.All.Where(workload => PeerCatalog.Find("rocksdb")!.Lacks(workload) is not null)
            .Select(workload => workload.Name),
        Is.EqualTo(new[] { "delete-range" }));

    [Test]
    public void Compare_WithThePresetService_ShowsAColumnPerEngineWithMemoryAndFiles()
    {
        using TempDirectory directory = new();
        string file = directory.File("report.md");

        (int exitCode, string output, string errors) = BenchProgram.Run(
            "compare", "--preset", "service", "--n", "500", "--operations", "100", "--runs", "1", "--no-warm-up",
            "--no-limits", "--quiet", "--markdown", file);

        Assert.That(exitCode, Is.Zero, errors + output);
        string[] available =
        [
            .. new[] { "lightningdb", "rocksdb", "zonetree", "sqlite" }.Where(
                name => PeerCatalog.Find(name)!.Unavailable is null)
        ];
        string[] lines = File.ReadAllLines(file);
        Assert.That(lines, Does.Contain($"|  | engine | {string.Join(" | ", available)} |"));
        string[] rows = ["get, ", "scan, ", "durable put", "batch of 100", "mixed, ", "file", "memory, private"];
        foreach (string row in rows)
        {
            string found = lines.First(line => line.StartsWith("| " + row, StringComparison.Ordinal));
            Assert.That(found.Count(letter => letter == '|'), Is.EqualTo(available.Length + 3), found);
            Assert.That(found, Does.Not.Contain("n/a").And.Not.Contain("FAILED"));
        }

        Assert.That(lines.Any(line => line.StartsWith("n/a: lightningdb", StringComparison.Ordinal)),
            Is.EqualTo(!available.Contains("lightningdb")));
    }

    [Test]
    public void Compare_WithThePresetService_WhereNoLmdbCanBeLoaded_GoesOnWithoutIt()
    {
        if (LightningLibrary.Failure is null
            && !LightningLibrary.File.Contains(LmdbNative.Library, StringComparison.Ordinal))
        {
            Assert.Ignore("the package's library can be loaded here, whatever the system has");
        }

        using TempDirectory directory = new();
        File.WriteAllText(directory.File(LmdbNative.Library), "no library");

        (int exitCode, string output, string errors) = BenchProgram.RunWith(
            new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = directory.Root },
            "compare", "--preset", "service", "--n", "500", "--operations", "100", "--runs", "1", "--no-warm-up",
            "--no-limits", "--quiet");

        Assert.That(exitCode, Is.Zero, errors + output);
        Assert.That(errors, Does.Match("n/a: lightningdb: .* install that"));
        Assert.That(output, Does.Match(@"engine +rocksdb +zonetree +sqlite"));
    }

    [Test]
    public void Open_OfLightningDbWhereItCannot_ThrowsAndLeavesNothingToAFinalizerThatEndsTheProcess()
    {
        IPeer peer = PeerCatalog.Find("lightningdb")!;
        if (peer.Unavailable is { } reason)
        {
            Assert.Ignore(reason);
        }

        using TempDirectory directory = new();

        Assert.That(
            () => peer.Open(directory.File("missing"), memoryLimit: null), Throws.TypeOf<LightningException>());
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
