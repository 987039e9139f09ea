using Engine.Space;

namespace Engine.Tests.Space;

public class FreeMapTests
{
    [Test]
    public void TakeBest_WhenOneRunHoldsAll_TakesTheLeftmost()
    {
        var map = Create((100, 3), (200, 5), (300, 50));

        Assert.That(TakeBest(map, 5), Is.EqualTo(new[] { new Extent(200, 5) }));
        Assert.That(TakeBest(map, 2), Is.EqualTo(new[] { new Extent(100, 2) }));
    }

    [Test]
    public void TakeBest_WhenNoRunHoldsAll_PrefersLongRunsAndEndsInASmallHole()
    {
        var map = Create((10, 1), (20, 1), (100, 40), (200, 60), (300, 3));

        Assert.That(
            TakeBest(map, 102), Is.EqualTo(new[] { new Extent(100, 40), new Extent(200, 60), new Extent(300, 2) }));
    }

    [Test]
    public void TakeBest_LeavesShortRuns_ButForOneThatHoldsTheRest()
    {
        var map = Create((10, 1), (20, 3), (100, 5), (200, 4));
        var taken = new List<Extent>();

        Assert.That(map.TakeBest(11, taken, shortest: 4), Is.Zero);
        Assert.That(taken, Is.EqualTo(new[] { new Extent(100, 5), new Extent(200, 4), new Extent(20, 2) }));
        Assert.That(map.TakeBest(2, taken, shortest: 4), Is.EqualTo(2));
        Assert.That(map.Count, Is.EqualTo(2));
    }

    [Test]
    public void TakeBest_WhenThereAreTooFewPages_TakesAllAndSaysWhatIsMissing()
    {
        var map = Create((10, 1), (1000, 700));
        var taken = new List<Extent>();

        Assert.That(map.TakeBest(705, taken), Is.EqualTo(4));
        Assert.That(map.Count, Is.Zero);
    }

    [Test]
    public void TryTakeRun_AcrossManyGroups_IsFound()
    {
        var map = Create((1, 10), (700, 100_000));

        Assert.That(map.TryTakeRun(99_999, out var run));
        Assert.That(run, Is.EqualTo(new Extent(700, 99_999)));
        Assert.That(map.TryTakeRun(11, out _), Is.False);
    }

    [Test]
    public void ReservedWords_AreInTheMapButNotFound()
    {
        var map = Create((0, 192));
        map.Reserve(1);

        Assert.That(map.Count, Is.EqualTo(192));
        Assert.That(map.ReservedCount, Is.EqualTo(64));
        Assert.That(map.LongestRun, Is.EqualTo(64));
        Assert.That(map.TryTakeRun(65, out _), Is.False);
        map.Unreserve(1);
        Assert.That(map.LongestRun, Is.EqualTo(192));
    }

    [Test]
    public void Add_OfAPageThatIsThere_Throws()
    {
        var map = Create((10, 4));

        Assert.That(() => map.Add(new Extent(13, 2)), Throws.InvalidOperationException);
        Assert.That(() => map.Remove(new Extent(13, 2)), Throws.InvalidOperationException);
        Assert.That(() => map.Remove(new Extent(100_000, 2)), Throws.InvalidOperationException);
    }

    /// <summary>Every query after every step of random programs, against a plain array.</summary>
    [Test]
    public void RandomPrograms_AgreeWithAPlainArray([Range(0, 19)] int seed)
    {
        var random = new Random(seed);
        var size = 64 * random.Next(2, 80);
        var model = new FreeMapModel(size);
        for (var step = 0; step < 300; step++)
        {
            model.Step(random);
            model.Check(random);
        }
    }

    private static FreeMap Create(params (ulong Start, ulong Length)[] extents)
    {
        var map = new FreeMap();
        foreach (var (start, length) in extents)
        {
            map.Add(new Extent(start, length));
        }

        return map;
    }

    private static List<Extent> TakeBest(FreeMap map, ulong pages)
    {
        var taken = new List<Extent>();
        Assert.That(map.TakeBest(pages, taken), Is.Zero);
        ExtentList.Normalize(taken);
        return taken;
    }
}
