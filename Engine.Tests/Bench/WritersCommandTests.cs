using System.Runtime.InteropServices;
using System.Text.Json;
using System.Xml.Linq;
using Engine.Bench.Writers.Peers.RocksDb;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench), Category(Categories.Process), NonParallelizable]
public class WritersCommandTests
{
    private static readonly string[] Tasks = ["engine", "engine-batched", "rocksdb-batched"];

    [Test]
    public void Writers_OfAllPeersThatAreHere_MissNothingAndReportEveryCell()
    {
        string[] peers =
        [
            "engine", "engine-batched",
            .. new RocksDbWriterPeer().Unavailable is null ? new[] { "rocksdb", "rocksdb-batched" } : [],
            .. NativeLibrary.TryLoad("liblmdb.so.0", out _) ? new[] { "lmdb" } : [],
            "sqlite",
        ];
        using TempDirectory directory = new();
        string json = directory.File("report.json"),
            markdown = directory.File("report.md"),
            charts = directory.File("charts");

        (int exitCode, string output, string errors) = BenchProgram.Run(
            "writers", "--players", "1000", "--seconds", "0.2", "--warm-up", "0", "--runs", "1", "--clients", "2,65",
            "--rankers", "1",
            "--peers", string.Join(',', peers), "--quiet", "--json", json, "--markdown", markdown, "--svg", charts);

        Assert.That(exitCode, Is.Zero, errors + output);
        Assert.That(output, Does.Contain("nothing was missing"));
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(json));
        JsonElement[] rows = [.. report.RootElement.GetProperty("rows").EnumerateArray()];
        Assert.That(
            rows.Select(row => (Text(row, "workload"), row.GetProperty("clients").GetInt32(), Text(row, "peer"))),
            Is.EqualTo(
                from workload in new[] { "leaderboard", "puts" }
                from clients in new[] { 2, 65 }
                from peer in peers
                select (workload, clients, peer)));
        foreach (JsonElement row in rows)
        {
            AssertIsMeasured(row);
            AssertIsRanked(row);
        }

        string document = File.ReadAllText(markdown);
        Assert.That(document, Does.Contain("**puts: a put").And.Contain("**leaderboard: a lookup"));
        Assert.That(document, Does.Contain("ranks/s"));
        foreach (string peer in peers.Skip(1))
        {
            string chart = Path.Combine(charts, $"writers-engine-{peer}.svg");
            Assert.That(XDocument.Load(chart).Root!.Name.LocalName, Is.EqualTo("svg"));
        }
    }

    [Test]
    public void Writers_WithAForm_CallTheEngineSo([Values("begin", "write", "async")] string form)
    {
        using TempDirectory directory = new();
        string json = directory.File("report.json");

        (int exitCode, string output, string errors) = BenchProgram.Run(
            "writers", "--players", "500", "--seconds", "0.1", "--warm-up", "0", "--runs", "2", "--clients", "3",
            "--workloads", "leaderboard", "--peers", "engine", "--form", form, "--quiet", "--json", json);

        Assert.That(exitCode, Is.Zero, errors + output);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(json));
        JsonElement row = report.RootElement.GetProperty("rows")[0];
        Assert.That(Text(row, "form"), Is.EqualTo(form));
        JsonElement perSecond = row.GetProperty("updates").GetProperty("perSecond");
        Assert.That(
            perSecond.GetProperty("median").GetDouble(),
            Is.InRange(perSecond.GetProperty("minimum").GetDouble(), perSecond.GetProperty("maximum").GetDouble()));
    }

    [TestCase("--peers", "berkeley", "There is no peer \"berkeley\"")]
    [TestCase("--peers", "sqlite,sqlite", "--peers takes different names")]
    [TestCase("--workloads", "guesses", "No workload is called \"guesses\"")]
    [TestCase("--clients", "1,0", "--clients takes numbers from 1")]
    [TestCase("--form", "later", "--form is begin, write or async")]
    [TestCase("--players", "999", "--players must be at least --clients")]
    public void Writers_WithAWrongOption_SayWhatItTakes(string option, string value, string message)
    {
        (int exitCode, _, string errors) = BenchProgram.Run("writers", option, value);

        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.StartWith(message));
    }

    [TestCase("--players", "99", "--players is a number from 100")]
    [TestCase("--seconds", "0", "--seconds is a number of seconds from 0.05")]
    [TestCase("--warm-up", "-1", "--warm-up is a number of seconds from 0")]
    [TestCase("--runs", "0", "--runs is a number from 1")]
    [TestCase("--rankers", "65", "--rankers is a number from 0 to 64")]
    [TestCase("--rank-rate", "-1", "--rank-rate is a number from 0 to 10,000,000")]
    public void Writers_WithANumberOutOfBounds_SayTheBounds(string option, string value, string message)
    {
        (int exitCode, _, string errors) = BenchProgram.Run("writers", option, value);

        Assert.That(exitCode, Is.Not.Zero);
        Assert.That(errors, Does.Contain(message));
    }

    private static void AssertIsMeasured(JsonElement row)
    {
        string name = row.ToString();
        string peer = Text(row, "peer")!;
        bool isMany = row.GetProperty("clients").GetInt32() > 64;
        string expected = (isMany, peer) switch
        {
            (false, "engine") => "write",
            (true, "engine") => "async",
            (true, _) when Tasks.Contains(peer) => "tasks",
            _ => "threads",
        };
        Assert.That(Text(row, "form"), Is.EqualTo(expected), name);
        Assert.That(Text(row, "failure"), Is.Null, name);
        JsonElement updates = row.GetProperty("updates");
        Assert.That(updates.GetProperty("count").GetInt64(), Is.Positive, name);
        string[] percentiles = ["p50", "p99", "p999", "maximum"];
        Assert.That(
            percentiles.Select(each => updates.GetProperty(each).GetDouble()), Is.Ordered.And.All.Positive, name);
    }

    private static void AssertIsRanked(JsonElement row)
    {
        JsonElement ranks = row.GetProperty("ranks");
        if (Text(row, "workload") == "leaderboard" && Text(row, "peer")!.StartsWith("engine", StringComparison.Ordinal))
        {
            Assert.That(ranks.GetProperty("count").GetInt64(), Is.Positive, row.ToString());
        }
        else
        {
            Assert.That(ranks.ValueKind, Is.EqualTo(JsonValueKind.Null), row.ToString());
        }
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
