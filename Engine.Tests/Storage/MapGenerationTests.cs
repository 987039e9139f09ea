using Engine.Storage;

namespace Engine.Tests.Storage;

public unsafe class MapGenerationTests
{
    [Test]
    public void Release_OfTheLastReference_DisposesTheOwnerOnce()
    {
        var owner = new Owner();
        var generation = new MapGeneration(null, 0, owner);
        Assert.That(generation.TryAddReference());

        generation.Release();
        Assert.That(owner.Disposals, Is.Zero);

        generation.Release();
        Assert.That(owner.Disposals, Is.EqualTo(1));
    }

    [Test]
    public void TryAddReference_AfterTheLastRelease_IsRefused()
    {
        var generation = new MapGeneration(null, 0, new Owner());
        generation.Release();

        Assert.That(generation.TryAddReference(), Is.False);
        Assert.That(() => generation.Release(), Throws.InvalidOperationException);
    }

    [Test]
    public void TryAddReference_RacingWithTheLastRelease_NeverRevives()
    {
        for (int round = 0; round < 300; round++)
        {
            var owner = new Owner();
            var generation = new MapGeneration(null, 0, owner);
            bool usedAfterDisposal = false;
            var reader = new Thread(() =>
            {
                while (generation.TryAddReference())
                {
                    usedAfterDisposal |= owner.Disposals != 0;
                    generation.Release();
                }
            });
            reader.Start();
            generation.Release();
            reader.Join();

            Assert.That(usedAfterDisposal, Is.False);
            Assert.That(owner.Disposals, Is.EqualTo(1));
        }
    }

    private sealed class Owner : IDisposable
    {
        private int _disposals;

        public int Disposals => Volatile.Read(ref _disposals);

        public void Dispose() => Interlocked.Increment(ref _disposals);
    }
}
