using System.Diagnostics;

namespace Engine.PropertyTests.Malformed;

/// <summary>
/// Malformed files end with right answers or a typed exception, in bounded time and memory: tried in other processes,
/// which a mistake would end.
/// </summary>
[TestFixture]
internal sealed class MalformedFileTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private ScratchDirectory _scratch = null!;

    private static string Corpus => Path.Combine(TestContext.CurrentContext.TestDirectory, "Corpus");

    [SetUp]
    public void SetUp() => _scratch = new ScratchDirectory();

    [TearDown]
    public void TearDown() => _scratch.Dispose();

    [TestCase(1000, 60)]
    [TestCase(long.MaxValue / 2, 30, Category = Categories.Campaign)]
    public void Mutations_WithAFreshSeed_EndInAnswersOrTypedExceptions(long executions, int seconds)
    {
        var seed = (ulong)Stopwatch.GetTimestamp();
        var run = new MalformedRun(seed, _scratch.Path);
        run.Run(0, executions, TimeSpan.FromSeconds(seconds));
        TestContext.Out.WriteLine($"seed {seed}: {run.Executions} executions, peak memory {run.PeakMemory >> 20} MiB");
        Assert.That(
            run.Findings.Select(finding => $"{finding.Index}: --program '{finding.Program}': {finding.Problem}"),
            Is.Empty,
            $"replay: dotnet run --project Engine.PropertyTests -c Release -- malformed --seed {seed} --first INDEX "
            + $"--executions 1");
        Assert.That(run.Executions, Is.GreaterThan(100));
    }

    [Test]
    public void Corpus_EveryFile_IsReadAsTheIndexSays()
    {
        var entries = MalformedCorpus.Entries(Corpus);
        var problems = new List<string>();
        var host = Start();
        foreach (var entry in entries)
        {
            var file = Path.Combine(_scratch.Path, "corpus.db");
            File.WriteAllBytes(file, MalformedCorpus.Load(Corpus, entry));
            var answer = host.Ask($"file {file} {entry.FileLength} {entry.Program}", Patience);
            if (answer is null || MalformedCorpus.Class(answer) != entry.Reading)
            {
                problems.Add($"{entry.Name}: {answer ?? host.Describe()} instead of {entry.Reading}");
            }

            if (answer is null)
            {
                host.Dispose();
                host = Start();
            }
        }

        host.Dispose();
        Assert.That(problems, Is.Empty);
        Assert.That(entries, Has.Length.GreaterThan(80));
    }

    [Test]
    public void Corpus_HasEveryKindOfDamage()
    {
        var kinds = MalformedCorpus.Entries(Corpus)
            .Select(entry => MalformedProgram.Parse(entry.Program).Mutations[0].Kind)
            .ToHashSet();
        Assert.That(Enum.GetValues<MutationKind>(), Is.SubsetOf(kinds));
    }

    [Test, Category(Categories.Campaign)]
    public void EveryBit_OfASmallDatabase_IsNoticedOrNotUsed()
    {
        using var host = Start();
        var answer = host.Ask("sweep tiny-256", Patience);
        TestContext.Out.WriteLine(answer);
        Assert.That(
            answer, Is.Not.Null.And.Not.StartsWith("!"), host.HasExited ? host.Describe() : "it takes too long");
        Assert.That(answer, Does.Contain("DatabaseCorruptException=").And.Contain("durable=").And.Contain("newest="));
    }

    private MalformedHost Start()
    {
        var host = new MalformedHost(Path.Combine(_scratch.Path, "host"));
        Assert.That(host.ReadLineAsync().Wait(Patience), "the process does not start");
        return host;
    }
}
