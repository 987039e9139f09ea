using OrdersCluster.Node;

namespace OrdersCluster.Tests;

/// <summary>Numbers that are made of keys.</summary>
public class OrderNumberTests
{
    [Test]
    public void Numbers_OfLaterKeys_AreLarger()
    {
        var begin = new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);
        var numbers = Enumerable.Range(0, 1000)
            .Select(i => OrderNumber.Of(Guid.CreateVersion7(begin.AddMilliseconds(i)), 0))
            .ToList();
        Assert.That(numbers, Is.Ordered.Ascending);
        Assert.That(numbers, Is.Unique);
    }

    [Test]
    public void Numbers_OfTheNextSeventyYears_AreWholeNumbersOfJavaScript()
    {
        var last = Guid.CreateVersion7(new DateTimeOffset(2095, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.That(OrderNumber.Of(last, 0), Is.Positive.And.LessThan(1L << 53));
    }

    [Test]
    public void Attempts_OfOneKey_HaveIdsAndNumbersOfTheirOwn()
    {
        var key = Guid.CreateVersion7();
        Assert.That(OrderNumber.IdOf(key, 0), Is.EqualTo(key));
        Assert.That(Enumerable.Range(0, 100).Select(i => OrderNumber.IdOf(key, i)), Is.Unique);
        Assert.That(OrderNumber.Of(key, 7), Is.EqualTo(OrderNumber.Of(key, 0) + 7));
    }
}
