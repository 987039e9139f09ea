using Engine.Integrity;

namespace Engine.Tests.Integrity;

public sealed class PageSetTests
{
    [Test]
    public void AddAndRemove_AtRandom_AgreeWithAnArrayOfFlags([Values(1, 63, 64, 4096, 4097, 300_000)] int limit)
    {
        var random = new Random(limit);
        var set = new PageSet((ulong)limit);
        var model = new bool[limit];
        for (var step = 0; step < 300; step++)
        {
            var first = random.Next(limit);
            var pages =
                1 + (random.Next(3) == 0 ? random.Next(limit - first) : random.Next(Math.Min(limit - first, 70)));
            var value = random.Next(2) == 0;

            var already = Array.IndexOf(model, value, first, pages);
            var found = value ? set.Add((ulong)first, (ulong)pages) : set.Remove((ulong)first, (ulong)pages);
            Assert.That(found, Is.EqualTo(already < 0 ? PageSet.None : (ulong)already), $"step {step}");
            Array.Fill(model, value, first, pages);

            var from = random.Next(limit);
            var end = from + random.Next(limit - from + 1);
            var next = Array.IndexOf(model, value, from, end - from);
            Assert.That(
                set.Next((ulong)from, (ulong)end, value),
                Is.EqualTo(next < 0 ? (ulong)end : (ulong)next),
                $"step {step}");
            Assert.That(set.Contains((ulong)from), Is.EqualTo(model[from]), $"step {step}");
        }
    }

    [Test]
    public void Add_OfTheWholeOfAnEnormousFile_TakesNoMemoryToSpeakOf()
    {
        const ulong Limit = 1UL << 55;
        var before = GC.GetAllocatedBytesForCurrentThread();
        var set = new PageSet(Limit);
        Assert.That(set.Add(1, Limit - 1), Is.EqualTo(PageSet.None));
        Assert.That(set.Remove(Limit / 3, Limit / 3), Is.EqualTo(PageSet.None));
        Assert.That(set.Add(0, Limit), Is.EqualTo(1));
        Assert.That(set.Next(0, Limit, value: false), Is.EqualTo(Limit));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(64 * 1024));
    }

    [Test]
    public void Add_BeyondTheLimit_Throws()
    {
        var set = new PageSet(10);
        Assert.That(() => set.Add(9, 2), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => set.Add(9, ulong.MaxValue), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
