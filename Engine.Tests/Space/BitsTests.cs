using Engine.Space;

namespace Engine.Tests.Space;

public class BitsTests
{
    private static IEnumerable<ulong> Words()
    {
        var random = new Random(1);
        yield return 0;
        yield return ulong.MaxValue;
        yield return 1;
        yield return 1UL << 63;
        for (var i = 0; i < 2000; i++)
        {
            var word = (ulong)random.NextInt64() ^ ((ulong)random.NextInt64() << 1);
            yield return (i % 4) switch
            {
                0 => word,
                1 => word | (word << 1) | (word >> 2),
                2 => ulong.MaxValue << (i % 64),
                _ => (ulong.MaxValue >> (i % 64)) & ~(1UL << (i % 17))
            };
        }
    }

    [Test]
    public void LongestRun_IsThatOfCounting()
    {
        foreach (var word in Words())
        {
            Assert.That(
                Bits.LongestRun(word),
                Is.EqualTo(Runs(word).Select(static run => run.Length).DefaultIfEmpty().Max()),
                $"{word:X}");
        }
    }

    [Test]
    public void RunStarts_AreThoseOfCounting()
    {
        foreach (var word in Words())
        {
            for (var length = 1; length <= 64; length++)
            {
                ulong expected = 0;
                foreach (var (start, runLength) in Runs(word))
                {
                    for (var bit = start; bit + length <= start + runLength; bit++)
                    {
                        expected |= 1UL << bit;
                    }
                }

                Assert.That(Bits.RunStarts(word, length), Is.EqualTo(expected), $"{word:X} {length}");
            }
        }
    }

    private static IEnumerable<(int Start, int Length)> Runs(ulong word)
    {
        for (var bit = 0; bit < 64;)
        {
            var start = bit;
            while (bit < 64 && ((word >> bit) & 1) != 0)
            {
                bit++;
            }

            if (bit > start)
            {
                yield return (start, bit - start);
            }
            else
            {
                bit++;
            }
        }
    }
}
