using Engine.Space;

namespace Engine.Tests.Space;

/// <summary>Pins that names hold, until the transaction that took the last of them away is durable.</summary>
public class PinSetTests
{
    private PinSet _pins = null!;

    [SetUp]
    public void SetUp()
    {
        _pins = new PinSet();
        _pins.Add(3);
        _pins.Add(5);
    }

    [Test]
    public void NamedPin_StaysWithoutReaders_AndOthersGo()
    {
        _pins.AddName(3);
        _pins.Add(7);
        Release(7, durable: 7);
        Assert.That(Held(), Is.EqualTo(new ulong[] { 3, 7 }));
    }

    [Test]
    public void Pin_WhoseNameIsTakenAway_StaysUntilThatIsDurable()
    {
        _pins.AddName(3);
        _pins.Add(7);
        _pins.RemoveName(3, 7);
        Release(7, durable: 6);
        Assert.That(Held(), Is.EqualTo(new ulong[] { 3, 7 }));
        Release(7, durable: 7);
        Assert.That(Held(), Is.EqualTo(new ulong[] { 7 }));
        Assert.That(_pins.Names, Is.Zero);
    }

    [Test]
    public void Pin_WhoseNameIsTakenAway_StaysForWhoReadsIt()
    {
        _pins.AddName(3);
        _pins.Add(7);
        _pins.RemoveName(3, 7);
        _pins.ReleaseExcept([3], 7, 7);
        Assert.That(Held(), Is.EqualTo(new ulong[] { 3, 7 }));
        Release(7, durable: 7);
        Assert.That(Held(), Is.EqualTo(new ulong[] { 7 }));
    }

    [Test]
    public void Pin_WithSeveralNames_IsHeldByTheLast_AndByOneThatComesWhileAnotherGoes()
    {
        _pins.AddName(3);
        _pins.AddName(3);
        _pins.RemoveName(3, 6);
        Release(5, durable: 100);
        Assert.That(Held(), Is.EqualTo(new ulong[] { 3, 5 }));
        _pins.RemoveName(3, 8);
        _pins.AddName(3);
        Release(5, durable: 100);
        Assert.That(Held(), Is.EqualTo(new ulong[] { 3, 5 }));
        _pins.RemoveName(3, 9);
        Release(5, durable: 8);
        Assert.That(Held(), Is.EqualTo(new ulong[] { 3, 5 }));
        Release(5, durable: 9);
        Assert.That(Held(), Is.EqualTo(new ulong[] { 5 }));
    }

    [Test]
    public void Name_OfAStateThatIsNotHeld_IsRefused()
    {
        Release(5, durable: 5);
        Assert.That(() => _pins.AddName(3), Throws.InvalidOperationException);
        Assert.That(() => _pins.AddName(4), Throws.InvalidOperationException);
    }

    [Test]
    public void Entries_OfANamedPin_WaitForIt_AndMoveToTheNextOlderOne()
    {
        var free = new FreeMap();
        var pending = new PendingPages(free);
        pending.Pins.Add(3);
        pending.Pins.Add(5);
        pending.Pins.AddName(3);
        pending.Pins.AddName(5);
        pending.Pins.Add(9);
        pending.Add(new Extent(100, 1), 2, 9);
        pending.Add(new Extent(200, 1), 4, 9);
        pending.ReleaseExcept([], 9, 100, 9);
        Assert.That((pending.PageCount, free.Count), Is.EqualTo((2UL, 0UL)));
        pending.Pins.RemoveName(5, 10);
        pending.ReleaseExcept([], 9, 100, 9);
        Assert.That((pending.PageCount, free.Count), Is.EqualTo((2UL, 0UL)));
        pending.ReleaseExcept([], 9, 100, 10);
        Assert.That((free.Contains(100), free.Contains(200)), Is.EqualTo((false, true)));
        pending.Pins.RemoveName(3, 11);
        pending.ReleaseExcept([], 9, 100, 11);
        Assert.That((pending.PageCount, free.Count), Is.EqualTo((0UL, 2UL)));
    }

    [Test]
    public void ThousandNamedPins_AreNotLookedAtByARelease()
    {
        for (ulong id = 10; id < 1010; id++)
        {
            _pins.Add(id);
            _pins.AddName(id);
        }

        Release(1009, durable: 1009);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Release(1009, durable: 1009);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That((_pins.Pins.Length, _pins.Released.Length, _pins.Names), Is.EqualTo((1000, 0, 1000)));
    }

    private void Release(ulong always, ulong durable) => _pins.ReleaseExcept([], always, durable);

    private ulong[] Held()
    {
        var held = new List<ulong>();
        foreach (var pin in _pins.Pins)
        {
            if (pin.IsHeld)
            {
                held.Add(pin.Id);
            }
        }

        return [.. held];
    }
}
