using System.Diagnostics;

namespace Engine.Diagnostics;

/// <summary>
/// Spans of commits and flushes, made only while somebody listens. That of a commit is made when the commit is over,
/// with the time at which it began, because whoever commits may do so for many: so it belongs to the activity of the
/// one who asked for the commit, and it links to the flush that it shared with others.
/// </summary>
internal static class EngineTracing
{
    public const string SourceName = "Engine";
    public const string CommitName = "engine.commit";
    public const string FlushName = "engine.flush";
    public const string TransactionTag = "engine.transaction.id";

    private static readonly ActivitySource Source = UntilUnloaded.Keep(new ActivitySource(SourceName));

    public static bool IsOn => Source.HasListeners();

    /// <summary>The activity that something is asked for in; null if nobody listens.</summary>
    public static Activity? Caller => Source.HasListeners() ? Activity.Current : null;

    /// <summary>A flush begins.</summary>
    /// <returns>Null if nobody wants to know.</returns>
    public static Activity? StartFlush(KeyValuePair<string, object?> database) =>
        Source.HasListeners() ? Source.StartActivity(FlushName, ActivityKind.Internal)?.SetTag(database) : null;

    /// <summary>A commit is over, which began some time ago.</summary>
    /// <param name="caller">The activity that it was asked for in.</param>
    /// <param name="elapsed">How long it took.</param>
    /// <param name="flush">The flush that made it durable, if there was one.</param>
    /// <param name="failure">Why it failed; null if it did not.</param>
    /// <param name="tags">What is known of it.</param>
    public static void NoteCommit(
        Activity? caller,
        TimeSpan elapsed,
        ActivityContext flush,
        Exception? failure,
        ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var now = DateTimeOffset.UtcNow;
        var current = Activity.Current;
        try
        {
            // This thread's own activity is not the parent of another caller's commit.
            Activity.Current = null;
            ActivityLink[]? links = flush == default ? null : [new ActivityLink(flush)];
            using var span = Source.StartActivity(
                CommitName, ActivityKind.Internal, caller?.Context ?? default, tags.ToArray(), links, now - elapsed);
            span?.Fail(failure).SetEndTime(now.UtcDateTime);
        }
        finally
        {
            Activity.Current = current;
        }
    }

    public static Activity Fail(this Activity span, Exception? failure) => failure is null
        ? span
        : span.SetStatus(ActivityStatusCode.Error, failure.Message).SetTag("error.type", failure.GetType().FullName);

    private static Activity SetTag(this Activity span, KeyValuePair<string, object?> tag) =>
        span.SetTag(tag.Key, tag.Value);
}
