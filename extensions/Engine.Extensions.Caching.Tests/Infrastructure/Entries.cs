using Microsoft.Extensions.Caching.Distributed;

namespace Engine.Extensions.Caching.Tests.Infrastructure;

/// <summary>Short words for what tests say often.</summary>
internal static class Entries
{
    public static DistributedCacheEntryOptions Forever => new();

    public static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    public static DistributedCacheEntryOptions Sliding(TimeSpan window, TimeSpan? end = null) =>
        new() { SlidingExpiration = window, AbsoluteExpirationRelativeToNow = end };

    public static DistributedCacheEntryOptions Within(TimeSpan time) =>
        new() { AbsoluteExpirationRelativeToNow = time };
}
