namespace Engine.Cli.Shared;

/// <summary>
/// Progress for logs: a plain line now and then, the rarer the longer it takes, and none for work that is done at once.
/// </summary>
internal sealed class LineProgressReporter : ProgressReporter
{
    private static readonly TimeSpan FirstInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastInterval = TimeSpan.FromSeconds(30);

    private readonly TextWriter _error;
    private readonly TimeProvider _time;

    public LineProgressReporter(TextWriter error, TimeProvider time)
    {
        _error = error;
        _time = time;
    }

    public override T Run<T>(string title, long? total, Func<ProgressUpdate, T> work, ProgressUnit? unit = null)
    {
        unit ??= ProgressUnit.Entries;
        title = ReadableText.Escape(title);
        long start = _time.GetTimestamp();
        TimeSpan next = FirstInterval;
        return work((entries, amount) =>
        {
            TimeSpan elapsed = _time.GetElapsedTime(start);
            if (elapsed < next)
                return;
            next = elapsed + (elapsed < LastInterval ? elapsed : LastInterval);
            string share = total > 0 ? $", {Human.Percent((double)amount / total.Value)}" : "";
            _error.WriteLine(
                $"{title}: {Human.Count(entries, unit.Singular, unit.Plural)}{share}, {Human.Rate(entries, elapsed)}");
        });
    }
}
