namespace Outbox;

/// <summary>When a delivery that has failed is tried again, and when no more.</summary>
/// <param name="MaxAttempts">After so many failures a message becomes a dead letter.</param>
/// <param name="FirstDelay">How long the first failure is waited out.</param>
/// <param name="LongestDelay">Each further one takes twice as long, but no longer than this.</param>
internal sealed record RetryPolicy(int MaxAttempts, TimeSpan FirstDelay, TimeSpan LongestDelay)
{
    /// <summary>How long to wait after so many failures.</summary>
    public TimeSpan DelayAfter(int failures)
    {
        // Above 2^30 times the first one only the longest can be meant.
        var delay = FirstDelay * (1L << Math.Min(failures - 1, 30));
        return delay < LongestDelay ? delay : LongestDelay;
    }
}
