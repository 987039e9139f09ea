using Engine.Space;

namespace Engine.Tests.Space;

public class ExtentListTests
{
    [Test]
    public void Normalize_SortsAndJoinsWhatTouches(
        [Values(0, 1, 2, 127, 128, 129, 5000)] int count, [Values(1ul, 250ul, 1ul << 41)] ulong first)
    {
        var random = new Random(count);
        var (extents, joined) = MakeExtents(random, count, first);
        random.Shuffle(extents);
        List<Extent> list = [new(7, 1), new(3, 1), .. extents];

        ExtentList.Normalize(list, from: 2);

        Assert.That(list, Is.EqualTo((List<Extent>)[new(7, 1), new(3, 1), .. joined]));
    }

    [Test]
    public void Normalize_JoinsWhatTouchesAndHasOneBirth([Values(2, 127, 128, 129, 5000)] int count)
    {
        var random = new Random(count);
        var pending = MakeExtents(random, count, 250).Extents
            .Select(extent => new PendingExtent(extent, (ulong)random.Next(3)))
            .ToArray();
        var joined = new List<PendingExtent>();
        foreach (var (pages, birth) in pending)
        {
            if (joined.Count > 0 && joined[^1] is var last && last.Birth == birth && last.Pages.End == pages.Start)
            {
                joined[^1] = new(new Extent(last.Pages.Start, last.Pages.Length + pages.Length), birth);
            }
            else
            {
                joined.Add(new(pages, birth));
            }
        }

        random.Shuffle(pending);
        List<PendingExtent> list = [.. pending];
        ExtentList.Normalize(list);

        Assert.That(list, Is.EqualTo(joined));
    }

    /// <summary>Extents in ascending order, of which some touch, and the same joined.</summary>
    private static (Extent[] Extents, List<Extent> Joined) MakeExtents(Random random, int count, ulong first)
    {
        var extents = new Extent[count];
        var joined = new List<Extent>();
        var next = first;
        for (var i = 0; i < count; i++)
        {
            var gap = random.Next(3) == 0 ? 0 : (ulong)random.Next(1, 1000);
            extents[i] = new Extent(next + gap, (ulong)random.Next(1, 20));
            next = extents[i].End;
            if (gap == 0 && i > 0)
            {
                joined[^1] = new Extent(joined[^1].Start, joined[^1].Length + extents[i].Length);
            }
            else
            {
                joined.Add(extents[i]);
            }
        }

        return (extents, joined);
    }
}
