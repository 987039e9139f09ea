using Engine.Pages;

namespace Engine.Tests.Pages;

/// <summary>Counting heads in vectors of every width against counting them one by one.</summary>
public sealed unsafe class HeadSearchTests
{
    [Test]
    public void CountBelow_AndEndOfTies_OfAnyNumberOfHeads_AreThoseOfAPlainCount([Range(0, 3)] int kind)
    {
        var random = new Random(kind);
        for (var count = 0; count <= 450; count++)
        {
            var heads = Sorted(random, count, kind);
            foreach (var target in Targets(random, heads))
            {
                var below = heads.Count(head => head < target);
                var notAbove = heads.Count(head => head <= target);
                var found = Search(heads, target);
                Assert.That(found, Is.EqualTo((below, notAbove)), $"{count} heads, {target:x}");
            }
        }
    }

    private static (int Below, int EndOfTies) Search(uint[] heads, uint target)
    {
        fixed (uint* first = heads)
        {
            var below = HeadSearch.CountBelow(first, heads.Length, target);
            return (below, HeadSearch.EndOfTies(first, below, heads.Length, target));
        }
    }

    /// <summary>Heads of all magnitudes, few different ones around the sign bit, all equal, and the extremes.</summary>
    private static uint[] Sorted(Random random, int count, int kind)
    {
        var heads = new uint[count];
        for (var i = 0; i < count; i++)
        {
            heads[i] = kind switch
            {
                0 => (uint)random.NextInt64(1L << 32),
                1 => 0x7FFF_FFF0u + (uint)random.Next(32),
                2 => 0x8000_0000u,
                _ => random.Next(2) == 0 ? 0u : uint.MaxValue,
            };
        }

        Array.Sort(heads);
        return heads;
    }

    private static IEnumerable<uint> Targets(Random random, uint[] heads)
    {
        yield return 0;
        yield return int.MaxValue;
        yield return uint.MaxValue;
        for (var i = 0; i < 4 && heads.Length > 0; i++)
        {
            var head = heads[random.Next(heads.Length)];
            yield return head;
            yield return unchecked(head - 1);
            yield return unchecked(head + 1);
        }
    }
}
