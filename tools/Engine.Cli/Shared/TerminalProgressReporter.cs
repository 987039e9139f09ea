using Spectre.Console;

namespace Engine.Cli.Shared;

/// <summary>Progress for people: a bar with the rate and the time that is left.</summary>
internal sealed class TerminalProgressReporter : ProgressReporter
{
    /// <summary>The terminal is redrawn ten times a second; setting the text more often only costs time.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly IAnsiConsole _console;
    private readonly TimeProvider _time;

    public TerminalProgressReporter(IAnsiConsole console, TimeProvider time)
    {
        _console = console;
        _time = time;
    }

    public override T Run<T>(string title, long? total, Func<ProgressUpdate, T> work, ProgressUnit? unit = null) =>
        RunReadable(ReadableText.Escape(title), total, work, unit);

    private T RunReadable<T>(string title, long? total, Func<ProgressUpdate, T> work, ProgressUnit? unit) => _console
        .Progress()
        .AutoClear(true)
        .Columns(Columns(total))
        .Start(progress =>
        {
            ProgressTask task = progress.AddTask(Markup.Escape(title), maxValue: total is > 0 ? total.Value : 1);
            task.IsIndeterminate = total is not > 0;
            long start = _time.GetTimestamp();
            TimeSpan next = TimeSpan.Zero;
            return work((entries, amount) =>
            {
                TimeSpan elapsed = _time.GetElapsedTime(start);
                if (elapsed < next)
                    return;
                next = elapsed + Interval;
                task.Description = Markup.Escape(
                    $"{title}  {Human.Count(entries)} {(unit ?? ProgressUnit.Entries).Plural}  "
                    + $"{Human.Rate(entries, elapsed)}");
                if (total is > 0)
                    task.Value = amount;
            });
        });

    private static ProgressColumn[] Columns(long? total) => total is > 0
        ? [new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()]
        : [new TaskDescriptionColumn(), new SpinnerColumn(), new ElapsedTimeColumn()];
}
