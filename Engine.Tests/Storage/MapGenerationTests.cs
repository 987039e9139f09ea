using Engine.Storage;

namespace Engine.Tests.Storage;

public unsafe class MapGenerationTests
{
    [Test]
    public void Release_DisposesTheOwner()
    {
        var owner = new Owner();
        var generation = new MapGeneration(null, 0, owner);
        Assert.That(generation.IsReleased, Is.False);

        generation.Release();

        Assert.That(generation.IsReleased, Is.True);
        Assert.That(owner.Disposals, Is.EqualTo(1));
    }

    [Test]
    public void Release_ASecondTime_IsRefused()
    {
        var owner = new Owner();
        var generation = new MapGeneration(null, 0, owner);
        generation.Release();

        Assert.That(() => generation.Release(), Throws.InvalidOperationException);
        Assert.That(owner.Disposals, Is.EqualTo(1));
    }

    private sealed class Owner : IDisposable
    {
        private int _disposals;

        public int Disposals => Volatile.Read(ref _disposals);

        public void Dispose() => Interlocked.Increment(ref _disposals);
    }
}
