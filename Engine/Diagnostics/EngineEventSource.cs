using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Tracing;

namespace Engine.Diagnostics;

/// <summary>
/// What <c>dotnet-counters</c> and <c>dotnet-trace</c> see of the process: a few counters, of all databases together,
/// and events of what seldom happens.
/// </summary>
[EventSource(Name = SourceName)]
internal sealed class EngineEventSource : EventSource
{
    public const string SourceName = "Engine";

    private const int OpenedId = 1;
    private const int MetaRejectedId = 2;
    private const int CommitSlowId = 3;
    private const int PoisonedId = 4;
    private const int SpaceHeldId = 5;
    private const int ClosedId = 6;

    private const string Primitive = "The arguments are strings and numbers.";

    // Kept as long as the source: who disposed them would end them for the next listener.
    private DiagnosticCounter[]? _counters;

    private EngineEventSource()
    {
    }

    // Not ended when the load context is unloaded, as the meter is: the framework keeps a source only while its
    // counters are polled, and never lets go of one that was disposed meanwhile.
    public static EngineEventSource Log { get; } = new();

    /// <summary>A database was opened, and recovered if it had to be.</summary>
    [Event(OpenedId, Level = EventLevel.Informational)]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Primitive)]
    public void Opened(string database, string path, long transaction, double milliseconds) =>
        WriteEvent(OpenedId, database, path, transaction, milliseconds);

    /// <summary>A meta was not taken, by an opening or by a reader who recovered anew.</summary>
    [Event(MetaRejectedId, Level = EventLevel.Warning)]
    public void MetaRejected(string database, string report) => WriteEvent(MetaRejectedId, database, report);

    /// <summary>A transaction waited longer for its commit than it should.</summary>
    [Event(CommitSlowId, Level = EventLevel.Warning)]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Primitive)]
    public void CommitSlow(string database, long transaction, string mode, double milliseconds) =>
        WriteEvent(CommitSlowId, database, transaction, mode, milliseconds);

    /// <summary>No further commit is accepted.</summary>
    [Event(PoisonedId, Level = EventLevel.Critical)]
    public void Poisoned(string database, string reason) => WriteEvent(PoisonedId, database, reason);

    /// <summary>The file has grown, although there are free pages: readers keep them.</summary>
    [Event(SpaceHeldId, Level = EventLevel.Warning)]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Primitive)]
    public void SpaceHeld(string database, long pendingPages, long heldPages, string holder) =>
        WriteEvent(SpaceHeldId, database, pendingPages, heldPages, holder);

    /// <summary>A database was closed.</summary>
    [Event(ClosedId, Level = EventLevel.Informational)]
    public void Closed(string database) => WriteEvent(ClosedId, database);

    protected override void OnEventCommand(EventCommandEventArgs command)
    {
        if (command.Command == EventCommand.Enable)
        {
            _counters ??=
            [
                Rate("commits", "Commits", static totals => totals.Durable + totals.Deferred),
                Rate("flushes", "Flushes", static totals => totals.Flushes),
                Rate("pages-written", "Pages written", static totals => totals.PagesWritten),
                Rate("bytes-written", "Bytes written", static totals => totals.BytesWritten),
                new PollingCounter("open-databases", this, static () => LiveDatabases.List().Count)
                {
                    DisplayName = "Open databases",
                },
                Sum("file-size", "Size of the files", "B", static source => source.FileLength),
                Sum("reusable-pages", "Reusable pages", "pages", static source => source.FreePages?.Reusable ?? 0),
                Sum("pending-pages", "Pending pages", "pages", static source => source.FreePages?.Pending ?? 0),
                Sum("pins", "Readers", "pins", static source => source.MeasurePins().Count),
                new PollingCounter("oldest-pin-time", this, OldestSeconds)
                {
                    DisplayName = "Age of the oldest reader's state",
                    DisplayUnits = "s",
                },
            ];
        }
    }

    private static double OldestSeconds() => LiveDatabases.List()
        .Max(static database => database.Observe(static source => (double?)source.MeasurePins().OldestSeconds)) ?? 0;

    private IncrementingPollingCounter Rate(string name, string display, Func<CommitTotals, double> measure) =>
        new(name, this, () => measure(LiveDatabases.Totals))
        {
            DisplayName = display,
            DisplayRateTimeScale = TimeSpan.FromSeconds(1),
        };

    private PollingCounter Sum(string name, string display, string unit, Func<IMeasured, double> measure) =>
        new(
            name,
            this,
            () => LiveDatabases.List().Sum(database => database.Observe(source => (double?)measure(source)) ?? 0))
        {
            DisplayName = display,
            DisplayUnits = unit,
        };
}
