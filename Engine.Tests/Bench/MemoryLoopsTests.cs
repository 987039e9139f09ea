using Engine.Bench.Limits;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench), NonParallelizable]
public class MemoryLoopsTests
{
    [Test]
    public void TimeLookups_InMoreMemoryThanTheCachesHold_TakesLongerThanInLess()
    {
        using MemoryLoops small = new([1, 1, 1], 4096), large = new([1, 100, 16_000], 4096);

        double fastest = Enumerable.Range(0, 5).Min(_ => small.TimeLookups(100_000, independent: false));
        double slowest = Enumerable.Range(0, 5).Min(_ => large.TimeLookups(100_000, independent: false));

        Assert.That(fastest, Is.Positive);
        Assert.That(slowest, Is.GreaterThan(2 * fastest));
    }

    [Test]
    public void TimePerByte_OfAnyMemory_IsPositive()
    {
        using MemoryLoops memory = new([1, 1000], 4096);

        Assert.That(memory.TimePerByte(), Is.Positive.And.LessThan(100));
    }
}
