using Engine.Extensions.Caching.Tests.Infrastructure;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Engine.Extensions.Caching.Tests.Contract;

/// <summary>The framework's cache in memory, which shows that the rules are right.</summary>
public class MemoryCacheContractTests : DistributedCacheContract
{
    private readonly ManualClock _clock = new();
    private MemoryDistributedCache _cache = null!;

    protected override IDistributedCache Cache => _cache;

    protected override TimeSpan Unit { get; } = TimeSpan.FromMinutes(1);

    protected override DateTimeOffset Now => _clock.UtcNow;

    [SetUp]
    public void Open() =>
        _cache = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions { Clock = _clock }));

    protected override void Advance(TimeSpan time) => _clock.Advance(time);
}
