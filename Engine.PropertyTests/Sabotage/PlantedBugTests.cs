using System.Diagnostics;

namespace Engine.PropertyTests.Sabotage;

/// <summary>Whether the tests would notice: every planted bug must be caught by a tier, and without a plant all tiers must pass.</summary>
[TestFixture]
public class PlantedBugTests
{
    /// <summary>A plant may make the engine run in circles.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private SabotagedEngine? _engine;

    private static IEnumerable<TestCaseData> Planted => Plants.All.Select(static (plant, index) => new TestCaseData(index + 1).SetName($"PlantedBug_IsCaught({plant})"));

    [OneTimeSetUp]
    public void Compile()
    {
        var watch = Stopwatch.StartNew();
        _engine = new SabotagedEngine(Plants.All);
        TestContext.Out.WriteLine($"{Plants.All.Count} plants, compiled in {watch.Elapsed.TotalSeconds:F1} s");
    }

    [OneTimeTearDown]
    public void Unload()
    {
        TestContext.Out.WriteLine($"{Environment.CpuUsage.TotalTime.TotalSeconds:F1} s of processor time");
        _engine?.Unload();
    }

    [Test]
    public void WithoutAPlant_AllTiersPass()
    {
        foreach (var tier in Trial.Tiers)
        {
            var before = Environment.CpuUsage.TotalTime;
            var result = Run(0, tier.Name);
            TestContext.Out.WriteLine($"{tier.Name}: {(Environment.CpuUsage.TotalTime - before).TotalSeconds:F1} s of processor time");
            Assert.That(result, Is.Null, $"{tier.Name} fails after {result?.States} {tier.Unit} though nothing is planted: {result?.Message}");
        }
    }

    [TestCaseSource(nameof(Planted))]
    public void PlantedBug_IsCaught(int number)
    {
        var watch = Stopwatch.StartNew();
        var result = Run(number, Environment.GetEnvironmentVariable("ENGINE_TIER"));
        Assert.That(result, Is.Not.Null, $"'{Plants.All[number - 1].Name}' survives every tier: {Plants.All[number - 1].Breaks}");
        TestContext.Out.WriteLine($"{result!.Value.Tier}, {result.Value.States}, {watch.Elapsed.TotalSeconds:F1} s: {result.Value.Message}");
    }

    private (string Tier, long States, string Message)? Run(int number, string? only)
    {
        (string, long, string)? result = null;
        var thread = new Thread(() => result = _engine!.Run(number, only), maxStackSize: 16 << 20) { IsBackground = true };
        thread.Start();
        if (!thread.Join(Patience))
        {
            Assert.Fail($"Did not end within {Patience}.");
        }

        return result;
    }
}
