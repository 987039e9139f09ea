using Engine.Testing.Running;
using Engine.Testing.Simulation;

namespace Engine.Testing.Tests.Running;

public class LossPlansTests
{
    private const int Page = 4096;

    [Test]
    public void Plans_OfThreeWrites_LeaveEverySubsetOfThem()
    {
        var subsets = Images(3).Select(static image => string.Concat(Enumerable.Range(0, 3).Select(
            page => image.AsSpan(page * Page, Page) is var bytes && !bytes.ContainsAnyExcept((byte)7) ? '7'
                : !bytes.ContainsAnyExcept((byte)1) ? '1'
                : '?'))).ToHashSet();
        foreach (var subset in new[] { "111", "117", "171", "177", "711", "717", "771", "777" })
        {
            Assert.That(subsets, Does.Contain(subset));
        }

        Assert.That(subsets.Any(static subset => subset.Contains('?')), "torn ones");
    }

    [Test]
    public void Plans_OfManyWrites_AreBoundedAndHaveEachPrefixAndEachOneMissing()
    {
        const int Writes = 40;
        var plans = LossPlans.Of(State(Writes)).ToList();
        Assert.That(plans, Has.Count.LessThan(10 * Writes));
        var images = Images(Writes);
        for (var count = 0; count <= Writes; count++)
        {
            var expected = Expected(Writes, page => page < count);
            Assert.That(images.Exists(image => image.AsSpan().SequenceEqual(expected)), $"the first {count}");
        }
    }

    [Test]
    public void Plans_OfNoWrites_AreFew() => Assert.That(LossPlans.Of(State(0)).Count(), Is.LessThan(6));

    private static List<byte[]> Images(int writes)
    {
        var state = State(writes);
        return [.. LossPlans.Of(state).Select(plan => state.Crash(plan).Database!)];
    }

    private static byte[] Expected(int writes, Func<int, bool> arrived) =>
        [.. Enumerable.Range(0, writes * Page).Select(at => (byte)(arrived(at / Page) ? 7 : 1))];

    private static DiskState State(int writes)
    {
        var start = new DiskImage([.. Enumerable.Repeat((byte)1, Math.Max(1, writes) * Page)]);
        var trace = new DiskTrace();
        for (var page = 0; page < writes; page++)
        {
            trace.AddWrite(temporary: false, page * Page, [.. Enumerable.Repeat((byte)7, Page)]);
        }

        var state = new DiskState(new ImageView(start));
        for (var i = 0; i < trace.Count; i++)
        {
            state.Apply(trace, i);
        }

        return state;
    }
}
