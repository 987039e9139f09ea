using Engine.Space;

namespace Engine.Tests.Space;

/// <summary>A page with birth B that was freed in F is reusable if and only if no pin lies in [B, F).</summary>
public class PendingPagesTests
{
    private FreeMap _free = null!;
    private PendingPages _pending = null!;

    [SetUp]
    public void SetUp()
    {
        _free = new FreeMap();
        _pending = new PendingPages(_free);
    }

    [TestCase(6UL, 9UL, true, Description = "both pins are older than the page")]
    [TestCase(5UL, 9UL, false, Description = "a pin at the birth holds it")]
    [TestCase(4UL, 9UL, false)]
    [TestCase(4UL, 5UL, true, Description = "3 is older than the page, and 5 never saw it")]
    [TestCase(3UL, 5UL, false)]
    [TestCase(1UL, 3UL, true, Description = "both pins came after the page was freed")]
    public void Add_WithPinsAt3And5_FollowsTheRule(ulong birth, ulong freedIn, bool isReusable)
    {
        _pending.Pins.Add(3);
        _pending.Pins.Add(5);
        _pending.Add(new Extent(100, 2), birth, freedIn);

        Assert.That(_free.Contains(100), Is.EqualTo(isReusable));
        Assert.That(_pending.PageCount, Is.EqualTo(isReusable ? 0 : 2));
    }

    [Test]
    public void Release_WhenTheNextOlderPinIsYoungerThanThePage_KeepsItThere()
    {
        _pending.Pins.Add(3);
        _pending.Pins.Add(5);
        _pending.Pins.Add(8);
        _pending.Add(new Extent(100, 1), 2, 9);
        _pending.Add(new Extent(200, 1), 4, 9);
        _pending.Add(new Extent(300, 1), 6, 9);

        _pending.ReleaseExcept([3, 5], 9, 100);
        Assert.That((_free.Contains(100), _free.Contains(200), _free.Contains(300)), Is.EqualTo((false, false, true)));
        _pending.ReleaseExcept([3], 9, 100);
        Assert.That((_free.Contains(100), _free.Contains(200)), Is.EqualTo((false, true)));
        _pending.ReleaseExcept([], 9, 100);
        Assert.That(_free.Contains(100));
        Assert.That(_pending.EntryCount, Is.Zero);
    }

    [Test]
    public void Release_OfAnOldPinOnly_FreesWhatYoungerOnesDoNotHold()
    {
        _pending.Pins.Add(3);
        _pending.Pins.Add(7);
        _pending.Add(new Extent(100, 1), 2, 5);

        _pending.ReleaseExcept([7], 7, 100);

        Assert.That(_free.Contains(100), "the page was freed before 7, so 7 does not hold it");
    }

    [Test]
    public void Release_OfALargeBucket_IsSpreadAndStaysExact()
    {
        _pending.Pins.Add(3);
        _pending.Pins.Add(5);
        for (ulong i = 0; i < 100; i++)
        {
            _pending.Add(new Extent(1000 + (2 * i), 1), i % 2 == 0 ? 2UL : 4UL, 9);
        }

        _pending.ReleaseExcept([3], 9, 30);
        Assert.That(_pending.Backlog, Is.EqualTo(70));

        // The older pin goes while its heir is still being drained: what is left now has no holder at all.
        _pending.ReleaseExcept([], 9, 30);
        Assert.That(_pending.Backlog, Is.EqualTo(55));
        _pending.Drain(1000);
        Assert.That(_free.Count, Is.EqualTo(100));
        Assert.That(_pending.Pins.Pins.Length, Is.Zero);
    }

    [Test]
    public void Release_OfManyPinsOneByOne_MovesEntriesFewTimes()
    {
        const int PinCount = 500;
        for (ulong id = 1; id <= PinCount; id++)
        {
            _pending.Pins.Add(id);
            _pending.Add(new Extent(id * 10, 1), 1, id + 1);
        }

        for (ulong i = PinCount; i >= 1; i--)
        {
            var held = Enumerable.Range(1, (int)i - 1).Select(static id => (ulong)id).ToArray();
            _pending.ReleaseExcept(held, PinCount + 1, 10);
            if (i > 1)
            {
                Assert.That(_pending.Backlog, Is.Zero, "the small bucket moves, not the large one");
            }
        }

        _pending.Drain(int.MaxValue);
        Assert.That(_free.Count, Is.EqualTo(PinCount));
    }

    [Test]
    public void AddPin_OlderThanAHeldOne_Throws()
    {
        _pending.Pins.Add(5);
        _pending.Pins.Add(5);

        Assert.That(() => _pending.Pins.Add(4), Throws.InvalidOperationException);
    }

    [Test]
    public void AddPin_WhenTheIdWasReleased_IsPossibleWhileNothingNewerIsHeld()
    {
        _pending.Pins.Add(5);
        _pending.Pins.Add(6);
        _pending.ReleaseExcept([5], 5, 10);
        Assert.That(_pending.Pins.FindBelow(7)?.Id, Is.EqualTo(5));

        _pending.Pins.Add(6);
        Assert.That(_pending.Pins.FindBelow(7)?.Id, Is.EqualTo(6));
    }

    [Test]
    public void Release_WithManyHeldIds_KeepsExactlyThose()
    {
        for (ulong id = 1; id <= 200; id++)
        {
            _pending.Pins.Add(id);
        }

        var held =
            Enumerable.Range(1, 200).Where(static id => id % 3 == 0).Select(static id => (ulong)id).Reverse().ToArray();
        _pending.ReleaseExcept(held, 200, 10);

        Assert.That(_pending.Pins.Pins.ToArray().Select(static pin => pin.Id), Is.EqualTo(held.Append(200UL).Order()));
    }
}
