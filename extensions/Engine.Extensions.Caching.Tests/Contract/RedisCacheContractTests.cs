using Engine.Extensions.Caching.Tests.Infrastructure;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.Options;

namespace Engine.Extensions.Caching.Tests.Contract;

/// <summary>
/// The framework's cache on Redis, which shows that the rules are right. Its time is that of the wall, in seconds, so
/// that these tests wait.
/// </summary>
[Category("Process")]
public class RedisCacheContractTests : DistributedCacheContract
{
    private RedisServer? _server;
    private RedisCache _cache = null!;

    protected override IDistributedCache Cache => _cache;

    protected override TimeSpan Unit { get; } = TimeSpan.FromSeconds(2);

    protected override DateTimeOffset Now => DateTimeOffset.UtcNow;

    [OneTimeSetUp]
    public void StartServer()
    {
        _server = RedisServer.TryStart();
        if (_server is null)
        {
            Assert.Ignore("There is no redis-server: install the package of that name to run these tests.");
        }
    }

    [OneTimeTearDown]
    public void StopServer() => _server?.Dispose();

    [SetUp]
    public void Open() => _cache = new RedisCache(Options.Create(new RedisCacheOptions
    {
        Configuration = $"127.0.0.1:{_server!.Port},connectTimeout=30000,syncTimeout=30000,connectRetry=10",
        InstanceName = $"{TestContext.CurrentContext.Test.ID}:",
    }));

    [TearDown]
    public void Close() => _cache.Dispose();

    protected override void Advance(TimeSpan time) => Thread.Sleep(time);
}
