using System.Diagnostics;

namespace Engine.PropertyTests.Sabotage;

/// <summary>
/// Whether the tests would notice: every planted bug must be caught by a tier, and without a plant all tiers must pass.
/// With ENGINE_TABLE=write the table in docs/planted-bugs.md is written anew.
/// </summary>
[TestFixture]
public class PlantedBugTests
{
    /// <summary>A plain run tries one in so many, to show that bugs are still planted and caught.</summary>
    private const int OneIn = 8;

    /// <summary>A plant may make the engine run in circles.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly bool WritesTable = Environment.GetEnvironmentVariable("ENGINE_TABLE") == "write";

    private readonly Dictionary<int, (string Tier, long States)> _caught = [];
    private readonly Dictionary<string, (string Tier, long States)> _known = [];
    private SabotagedEngine? _engine;

    private static IEnumerable<TestCaseData> Planted => Plants.All.Select(static (plant, index) =>
    {
        var data = new TestCaseData(index + 1).SetName($"PlantedBug_IsCaught({plant})");
        return index % OneIn == 0 ? data : data.SetCategory(Categories.Campaign);
    });

    [OneTimeSetUp]
    public void Compile()
    {
        _engine = new SabotagedEngine(Plants.All);
        foreach (var (name, _, tier, states) in PlantedBugTable.Rows())
        {
            _known.TryAdd(name, (tier, states));
        }
    }

    [OneTimeTearDown]
    public void WriteTable()
    {
        _engine?.Unload();
        if (WritesTable)
        {
            PlantedBugTable.Write(_caught);
        }
    }

    [Test, Category(Categories.Campaign)]
    public void WithoutAPlant_AllTiersPass()
    {
        foreach (var tier in Trial.Tiers)
        {
            var watch = Stopwatch.StartNew();
            var result = Run(0, tier.Name);
            TestContext.Out.WriteLine($"{tier.Name}: {watch.Elapsed.TotalSeconds:F1} s");
            Assert.That(
                result,
                Is.Null,
                $"{tier.Name} fails after {result?.States} {tier.Unit} though nothing is planted: {result?.Message}");
        }

        // What is run alone must not fail because of what was not run before it.
        foreach (var (tier, unit) in _known.Values.Distinct().Where(known => IsOfUnits(known.Tier)))
        {
            var result = Run(0, tier, unit);
            Assert.That(result, Is.Null, $"{tier} {unit} fails alone though nothing is planted: {result?.Message}");
        }

        static bool IsOfUnits(string tier) =>
            Trial.Tiers.Any(known => known.Name == tier && known.Unit is ("programs" or "rules"));
    }

    [TestCaseSource(nameof(Planted))]
    public void PlantedBug_IsCaught(int number)
    {
        var watch = Stopwatch.StartNew();
        var plant = Plants.All[number - 1];
        var result = RunKnown(number, plant.Name) ?? Run(number, only: null);
        if (result is null && Plants.IsOfFiles(plant) && !OperatingSystem.IsLinux())
        {
            Assert.Ignore("The system calls of this plant are made on Linux only.");
        }

        Assert.That(result, Is.Not.Null, $"'{plant}' survives every tier: {plant.Breaks}");
        _caught[number] = (result!.Value.Tier, result.Value.States);
        TestContext.Out.WriteLine(
            $"{result.Value.Tier}, {result.Value.States}, {watch.Elapsed.TotalSeconds:F1} s: {result.Value.Message}");
    }

    /// <summary>What users of Engine.Testing are given is a net, too: it finds an engine that does not flush.</summary>
    [Test]
    public void TestKitOfUsers_OnABrokenEngine_NoticesIt()
    {
        Assert.That(_engine!.RunTestKit(0), Is.Null);
        var number = 1 + Plants.All.ToList().FindIndex(static plant => plant.Name == "verified-commit-without-flush");
        Assert.That(_engine.RunTestKit(number), Does.Contain("the entry 1 is lost").And.Contain("test.Replay("));
    }

    [Test]
    public void PlantedBugs_HaveDifferentNames() =>
        Assert.That(Plants.All.Select(static plant => plant.Name), Is.Unique);

    [Test]
    public void Documentation_ListsExactlyThePlantedBugs() =>
        Assert.That(
            PlantedBugTable.Rows().Select(static row => (row.Name, row.Breaks)),
            Is.EqualTo(Plants.All.Select(static plant => (plant.Name, plant.Breaks))));

    /// <summary>
    /// What caught the plant when the table was written, first and alone: most plants need no more. To write the table,
    /// the tiers go in their order.
    /// </summary>
    private (string Tier, long States, string Message)? RunKnown(int number, string name) =>
        !WritesTable && _known.TryGetValue(name, out var known) && known.States > 0
            ? Run(number, known.Tier, known.States)
            : null;

    private (string Tier, long States, string Message)? Run(int number, string? only, long unit = 0)
    {
        (string, long, string)? result = null;
        Exception? failure = null;
        var thread = new Thread(Work, maxStackSize: 16 << 20) { IsBackground = true };
        thread.Start();
        if (!thread.Join(Patience))
        {
            Assert.Fail($"Did not end within {Patience}.");
        }

        return failure is null ? result : throw failure;

        void Work()
        {
            try
            {
                result = _engine!.Run(number, only, unit);
            }
            catch (Exception e)
            {
                failure = e;
            }
        }
    }
}
