using Microsoft.Extensions.Caching.Distributed;

namespace Engine.Extensions.Caching;

/// <summary>
/// When an entry ends, all in ticks of UTC. It is there as long as the present time is before its end.
/// </summary>
/// <param name="Deadline">The end, as of when the entry was set; <see cref="Never"/>: none.</param>
/// <param name="Window">So long after it was read last a sliding entry ends; 0: it does not slide.</param>
/// <param name="Absolute">Beyond this nothing renews it; <see cref="Never"/>: no such end.</param>
internal readonly record struct Lifetime(long Deadline, long Window, long Absolute)
{
    public const long Never = long.MaxValue;

    public bool IsSliding => Window > 0;

    public bool Ends => Deadline != Never;

    /// <exception cref="ArgumentOutOfRangeException">An end is not in the future.</exception>
    public static Lifetime From(DistributedCacheEntryOptions options, long now)
    {
        var absolute = Never;
        if (options.AbsoluteExpiration is { } end)
        {
            absolute = end.UtcTicks;
            if (absolute <= now)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(options), end, "The absolute expiration must be in the future.");
            }
        }

        if (options.AbsoluteExpirationRelativeToNow is { } span)
        {
            // Both may be given: what comes first counts.
            absolute = Math.Min(absolute, After(now, span.Ticks));
        }

        var window = options.SlidingExpiration is { } sliding ? sliding.Ticks : 0;
        return new Lifetime(window > 0 ? Math.Min(absolute, After(now, window)) : absolute, window, absolute);
    }

    /// <summary>The end of a sliding entry that is read now.</summary>
    public long RenewedAt(long now) => Math.Min(Absolute, After(now, Window));

    private static long After(long now, long span) => span < Never - now ? now + span : Never;
}
