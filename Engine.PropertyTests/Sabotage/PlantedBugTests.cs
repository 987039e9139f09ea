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

    private readonly Dictionary<int, (string Tier, long States)> _caught = [];
    private SabotagedEngine? _engine;

    private static IEnumerable<TestCaseData> Planted => Plants.All.Select(static (plant, index) =>
    {
        var data = new TestCaseData(index + 1).SetName($"PlantedBug_IsCaught({plant})");
        return index % OneIn == 0 ? data : data.SetCategory(Categories.Campaign);
    });

    [OneTimeSetUp]
    public void Compile() => _engine = new SabotagedEngine(Plants.All);

    [OneTimeTearDown]
    public void WriteTable()
    {
        _engine?.Unload();
        if (Environment.GetEnvironmentVariable("ENGINE_TABLE") == "write")
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
    }

    [TestCaseSource(nameof(Planted))]
    public void PlantedBug_IsCaught(int number)
    {
        var watch = Stopwatch.StartNew();
        var plant = Plants.All[number - 1];
        var result = Run(number, only: null);
        if (result is null && Plants.IsOfFiles(plant) && !OperatingSystem.IsLinux())
        {
            Assert.Ignore("The system calls of this plant are made on Linux only.");
        }

        Assert.That(result, Is.Not.Null, $"'{plant}' survives every tier: {plant.Breaks}");
        _caught[number] = (result!.Value.Tier, result.Value.States);
        TestContext.Out.WriteLine(
            $"{result.Value.Tier}, {result.Value.States}, {watch.Elapsed.TotalSeconds:F1} s: {result.Value.Message}");
    }

    [Test]
    public void PlantedBugs_HaveDifferentNames() =>
        Assert.That(Plants.All.Select(static plant => plant.Name), Is.Unique);

    [Test]
    public void Documentation_ListsExactlyThePlantedBugs() =>
        Assert.That(PlantedBugTable.Rows(), Is.EqualTo(Plants.All.Select(static plant => (plant.Name, plant.Breaks))));

    private (string Tier, long States, string Message)? Run(int number, string? only)
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
                result = _engine!.Run(number, only);
            }
            catch (Exception e)
            {
                failure = e;
            }
        }
    }
}
