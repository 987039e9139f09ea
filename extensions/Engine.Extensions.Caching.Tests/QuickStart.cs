using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Engine.Extensions.Caching.Tests;

/// <summary>The quick start of the package's page, which is the body of this method.</summary>
internal static class QuickStart
{
    public static async Task Run()
    {
        var services = new ServiceCollection();
        services.AddEngineCache("cache.db");                    // the file; created if there is none
        services.AddHybridCache();                              // takes it for its second level
        await using var provider = services.BuildServiceProvider();

        var cache = provider.GetRequiredService<HybridCache>();
        var price = await cache.GetOrCreateAsync(
            "price:42",
            static async cancel => await LoadPriceAsync(42, cancel),
            new HybridCacheEntryOptions { Expiration = TimeSpan.FromHours(1) },
            tags: ["prices"]);
        Console.WriteLine(price);

        static async Task<decimal> LoadPriceAsync(int product, CancellationToken cancel)
        {
            Console.WriteLine($"asking for the price of {product}");
            await Task.Delay(10, cancel);
            return 9.90m;
        }
    }
}
