using System.Text;
using Engine.Cli.Reading;
using Engine.Integrity;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli;

[Category(Categories.Cli)]
internal sealed class KeyRangeSetTests
{
    [Test]
    public void Contains_AgreesWithTheRangesOneByOne([Range(1, 20)] int seed)
    {
        var random = new Random(seed);
        KeyRange[] ranges = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => Range(random))];
        var set = new KeyRangeSet(ranges);
        for (int i = 0; i < 200; i++)
        {
            byte[] key = Key(random);
            Assert.That(
                set.Contains(key), Is.EqualTo(ranges.Any(range => range.Contains(key))), Encoding.ASCII.GetString(key));
            byte[] to = [.. key, 0];
            Assert.That(set.Overlaps(new NodeBounds(key, true, to, true)), Is.EqualTo(set.Contains(key)));
        }
    }

    [Test]
    public void Overlaps_OfBoundsWithoutAnEnd_LooksAtAllRanges()
    {
        var set = new KeyRangeSet([new KeyRange([5], [6]), new KeyRange([2], [3])]);
        Assert.That(set.Overlaps(default), Is.True);
        Assert.That(set.Overlaps(new NodeBounds(default, false, (byte[])[2], true)), Is.False);
        Assert.That(set.Overlaps(new NodeBounds((byte[])[3], true, (byte[])[5], true)), Is.False);
        Assert.That(set.Overlaps(new NodeBounds((byte[])[3], true, default, false)), Is.True);
        Assert.That(set.Contains([2], [5]), Is.False, "what lies between belongs to neither");
        Assert.That(new KeyRangeSet([]).Overlaps(default), Is.False);
        Assert.That(KeyRangeSet.All.Contains([], [255]), Is.True);
    }

    private static KeyRange Range(Random random)
    {
        byte[] a = Key(random);
        byte[] b = Key(random);
        (byte[] from, byte[] to) = a.AsSpan().SequenceCompareTo(b) < 0 ? (a, b) : (b, a);
        return new KeyRange(random.Next(8) == 0 ? null : from, random.Next(8) == 0 ? null : [.. to, 0]);
    }

    private static byte[] Key(Random random) =>
        Encoding.ASCII.GetBytes(new string((char)random.Next('a', 'f'), random.Next(0, 3)));
}
