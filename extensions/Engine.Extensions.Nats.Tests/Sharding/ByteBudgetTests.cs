using Engine.Extensions.Nats.Writing;

namespace Engine.Extensions.Nats.Tests.Sharding;

/// <summary>Budgets of their own, and one that all share.</summary>
public class ByteBudgetTests
{
    [Test]
    public async Task TakeAsync_OfWhatThePoolDoesNotHaveAnyMore_StillHasItsOwn()
    {
        var pool = new BytePool(100);
        var greedy = new ByteBudget(10, pool);
        var modest = new ByteBudget(10, pool);
        await greedy.TakeAsync(110, CancellationToken.None);

        await modest.TakeAsync(10, CancellationToken.None);
        var waiting = modest.TakeAsync(10, CancellationToken.None).AsTask();

        Assert.That(waiting.IsCompleted, Is.False);
        Assert.That(modest.TryTake(1), Is.False, "nobody goes before those who wait");
        modest.GiveBack(10);
        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.That(pool.Free, Is.Zero);
    }

    [Test]
    public async Task GiveBack_OfWhatWasBorrowed_LetsOthersInByTurns()
    {
        var pool = new BytePool(100);
        var all = new ByteBudget(0, pool);
        var one = new ByteBudget(0, pool);
        var other = new ByteBudget(0, pool);
        await all.TakeAsync(100, CancellationToken.None);
        var first = one.TakeAsync(60, CancellationToken.None).AsTask();
        var second = one.TakeAsync(60, CancellationToken.None).AsTask();
        var third = other.TakeAsync(40, CancellationToken.None).AsTask();

        all.GiveBack(100);

        await Task.WhenAll(first, third).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.That(second.IsCompleted, Is.False);
        Assert.That(pool.Free, Is.Zero);
        one.GiveBack(60);
        await second.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Test]
    public async Task TakeAsync_ThatIsCancelled_LetsTheNextOneIn()
    {
        var pool = new BytePool(10);
        var budget = new ByteBudget(10, pool);
        await budget.TakeAsync(15, CancellationToken.None);
        using var cancelling = new CancellationTokenSource();
        var large = budget.TakeAsync(20, cancelling.Token).AsTask();
        var small = budget.TakeAsync(5, CancellationToken.None).AsTask();

        await cancelling.CancelAsync();

        Assert.That(async () => await large, Throws.InstanceOf<OperationCanceledException>());
        await small.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.That(budget.TryTake(1), Is.False);
    }

    [Test]
    public async Task Reset_AfterAnything_LeavesThePoolAsItWas()
    {
        var pool = new BytePool(100);
        var budget = new ByteBudget(10, pool);
        await budget.TakeAsync(70, CancellationToken.None);
        budget.GiveBack(5);

        budget.Reset();

        Assert.That(pool.Free, Is.EqualTo(100));
        Assert.That(budget.TryTake(110));
    }
}
