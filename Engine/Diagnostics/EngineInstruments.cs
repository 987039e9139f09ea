using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace Engine.Diagnostics;

/// <summary>
/// The instruments of a meter, which all databases share that use it; a tag of each measurement tells them apart.
/// docs/observability.md lists them. Most are observed: they cost something when somebody looks, and nothing before.
/// </summary>
internal sealed class EngineInstruments
{
    public const string MeterName = "Engine";

    /// <summary>The tag that has the database's name, as OpenTelemetry's conventions call it.</summary>
    public const string DatabaseTag = "db.namespace";

    public const string ModeTag = "engine.commit.mode";
    public const string PageStateTag = "engine.page.state";
    public const string HolderTag = "engine.pin.holder";

    private static readonly ConditionalWeakTable<Meter, EngineInstruments> OfMeters = [];
    private static readonly Lazy<EngineInstruments> Shared =
        new(static () => new(UntilUnloaded.Keep(new Meter(MeterName))));

    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries =
        [
            0.000_01, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
            1, 2.5, 5, 10,
        ],
    };

    private static readonly InstrumentAdvice<long> GroupSizes = new()
    {
        HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
    };

    private EngineInstruments(Meter meter)
    {
        CommitDuration = meter.CreateHistogram(
            "engine.db.commit.duration",
            "s",
            "How long a transaction waited from its commit until the promise of it was met.",
            tags: null,
            Durations);
        GroupSize = meter.CreateHistogram(
            "engine.db.commit.group.size",
            "{transaction}",
            "Transactions that shared a commit.",
            tags: null,
            GroupSizes);
        FlushDuration = meter.CreateHistogram(
            "engine.db.flush.duration", "s", "How long a flush of the file took.", tags: null, Durations);
        meter.CreateObservableCounter(
            "engine.db.commits", ObserveCommits, "{transaction}", "Transactions that were committed.");
        meter.CreateObservableCounter(
            "engine.db.pages.written",
            () => Observe(static source => source.Commits?.PagesWritten),
            "{page}",
            "Pages that were written to the file.");
        meter.CreateObservableCounter(
            "engine.db.file.written",
            () => Observe(static source => source.Commits?.BytesWritten),
            "By",
            "Bytes that were written to the file.");
        meter.CreateObservableUpDownCounter(
            "engine.db.file.size",
            () => Observe(static source => (long?)source.FileLength),
            "By",
            "Length of the file.");
        meter.CreateObservableUpDownCounter(
            "engine.db.pages.free",
            ObserveFreePages,
            "{page}",
            "Free pages of the file, by what can be done with them.");
        meter.CreateObservableUpDownCounter(
            "engine.db.pages.verified",
            () => Observe(static source => (long?)source.VerifiedPages),
            "{page}",
            "Pages whose checksum was verified since the database was opened, or that it wrote itself.");
        meter.CreateObservableUpDownCounter(
            "engine.db.pins",
            () => Observe(static source => (long?)source.MeasurePins().Count),
            "{pin}",
            "Reader slots that are taken, by this process and by others.");
        meter.CreateObservableGauge(
            "engine.db.pin.oldest.transactions",
            () => Observe(static source => (long?)source.MeasurePins().OldestTransactions),
            "{transaction}",
            "By how many ids the oldest pinned state is older than the newest one.");
        meter.CreateObservableGauge(
            "engine.db.pin.oldest.time",
            () => Observe(static source => (double?)source.MeasurePins().OldestSeconds),
            "s",
            "For how long the oldest pinned state has not been the newest one.");
        meter.CreateObservableGauge(
            "engine.db.pin.oldest.pages",
            () => Observe(static source => source.MeasurePins().OldestPages),
            "{page}",
            "Free pages that the oldest pinned state keeps from being reused.");
        meter.CreateObservableGauge(
            "engine.db.pin.largest.pages",
            ObserveLargest,
            "{page}",
            "Free pages that the pinned state keeps from being reused which keeps the most.");
    }

    public Histogram<double> CommitDuration { get; }

    public Histogram<long> GroupSize { get; }

    public Histogram<double> FlushDuration { get; }

    /// <summary>Those of a factory's meter, or, without one, of a meter that the process shares.</summary>
    public static EngineInstruments For(IMeterFactory? factory) => factory is null
        ? Shared.Value
        : OfMeters.GetValue(factory.Create(new MeterOptions(MeterName)), static meter => new(meter));

    /// <summary>The tag that has what a commit promised.</summary>
    public static KeyValuePair<string, object?> Mode(bool isDeferred) =>
        new(ModeTag, isDeferred ? "deferred" : "durable");

    private IEnumerable<Measurement<T>> Observe<T>(Func<IMeasured, T?> measure)
        where T : struct
    {
        foreach (var database in Databases())
        {
            if (database.Observe(measure) is { } value)
            {
                yield return new Measurement<T>(value, database.Tag);
            }
        }
    }

    private IEnumerable<Measurement<long>> ObserveCommits()
    {
        foreach (var database in Databases())
        {
            if (database.Observe(static source => source.Commits) is { } commits)
            {
                yield return new Measurement<long>(commits.Durable, database.Tag, Mode(isDeferred: false));
                yield return new Measurement<long>(commits.Deferred, database.Tag, Mode(isDeferred: true));
            }
        }
    }

    private IEnumerable<Measurement<long>> ObserveFreePages()
    {
        foreach (var database in Databases())
        {
            if (database.Observe(static source => source.FreePages) is { } free)
            {
                yield return new Measurement<long>(free.Reusable, database.Tag, new(PageStateTag, "reusable"));
                yield return new Measurement<long>(free.Pending, database.Tag, new(PageStateTag, "pending"));
            }
        }
    }

    private IEnumerable<Measurement<long>> ObserveLargest()
    {
        foreach (var database in Databases())
        {
            if (database.Observe(static source => (PinMeasures?)source.MeasurePins())
                is { LargestPages: { } pages } pins)
            {
                yield return pins.LargestHolder is { } holder
                    ? new Measurement<long>(pages, database.Tag, new(HolderTag, holder))
                    : new Measurement<long>(pages, database.Tag);
            }
        }
    }

    private IEnumerable<DatabaseTelemetry> Databases() =>
        LiveDatabases.List().Where(database => ReferenceEquals(database.Instruments, this));
}
