using Engine.Extensions.Caching.Bench;
using Engine.Extensions.Caching.Tests.Infrastructure;
using Microsoft.Extensions.Caching.Distributed;

namespace Engine.Extensions.Caching.Tests.Contract;

/// <summary>The cache that the benchmark compares with: it does all of what it is compared to.</summary>
public class SqliteCacheContractTests : DistributedCacheContract
{
    private readonly ManualClock _clock = new();
    private TempFolder _folder = null!;
    private SqliteDistributedCache _cache = null!;

    protected override IDistributedCache Cache => _cache;

    protected override TimeSpan Unit { get; } = TimeSpan.FromMinutes(1);

    protected override DateTimeOffset Now => _clock.UtcNow;

    [SetUp]
    public void Open()
    {
        _folder = new TempFolder();
        _cache = new SqliteDistributedCache(_folder.File("sqlite.db"), _clock);
    }

    [TearDown]
    public void Close()
    {
        _cache.Dispose();
        _folder.Dispose();
    }

    protected override void Advance(TimeSpan time) => _clock.Advance(time);
}
