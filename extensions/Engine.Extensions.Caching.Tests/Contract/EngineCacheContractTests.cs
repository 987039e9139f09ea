using Engine.Extensions.Caching.Tests.Infrastructure;
using Microsoft.Extensions.Caching.Distributed;

namespace Engine.Extensions.Caching.Tests.Contract;

/// <summary>This cache: while its changes wait in memory, and after they were written.</summary>
[TestFixture(false)]
[TestFixture(true)]
public class EngineCacheContractTests(bool isWrittenAtOnce) : DistributedCacheContract
{
    private TestCache _cache = null!;

    protected override IDistributedCache Cache
    {
        get
        {
            // Whatever was done before is in the database when the next thing is done.
            if (isWrittenAtOnce)
            {
                _cache.Cache.Flush();
            }

            return _cache.Cache;
        }
    }

    protected override TimeSpan Unit { get; } = TimeSpan.FromMinutes(1);

    protected override DateTimeOffset Now => _cache.Clock.UtcNow;

    [SetUp]
    public void Open() => _cache = new TestCache(static options => options.HasThread = false);

    [TearDown]
    public void Close() => _cache.Dispose();

    protected override void Advance(TimeSpan time) => _cache.Clock.Advance(time);
}
