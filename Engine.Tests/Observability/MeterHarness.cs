using System.Diagnostics.Metrics;

namespace Engine.Tests.Observability;

/// <summary>
/// A factory with meters of its own, and a listener to them: what a test's database measures, and no other.
/// </summary>
internal sealed class MeterHarness : IMeterFactory
{
    /// <summary>What a database in memory is called.</summary>
    public const string InMemory = "the database in memory";

    private readonly Lock _lock = new();
    private readonly List<Meter> _meters = [];
    private readonly List<Measured> _measured = [];
    private readonly HashSet<Instrument> _instruments = [];
    private readonly MeterListener _listener = new();

    public MeterHarness(bool listens = true)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            lock (_lock)
            {
                if (_meters.Contains(instrument.Meter))
                {
                    _instruments.Add(instrument);
                    listener.EnableMeasurementEvents(instrument);
                }
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        if (listens)
        {
            _listener.Start();
        }
    }

    public IReadOnlyCollection<Instrument> Instruments
    {
        get
        {
            lock (_lock)
            {
                return [.. _instruments];
            }
        }
    }

    public Meter Create(MeterOptions options)
    {
        lock (_lock)
        {
            var meter = _meters.Find(meter => meter.Name == options.Name);
            if (meter is null)
            {
                _meters.Add(meter = new Meter(options.Name, options.Version, options.Tags, scope: this));
            }

            return meter;
        }
    }

    /// <summary>What an instrument measured, without the tag of the database, in the order in which it did.</summary>
    public IReadOnlyList<(double Value, string Tags)> Of(string instrument, string database = InMemory)
    {
        lock (_lock)
        {
            return
            [
                .. _measured.Where(it => it.Instrument == instrument && it.Database == database)
                    .Select(static it => (it.Value, it.Tags)),
            ];
        }
    }

    /// <summary>Asks the observed instruments now; what one of them says.</summary>
    public IReadOnlyList<(double Value, string Tags)> Observe(string instrument, string database = InMemory)
    {
        lock (_lock)
        {
            _measured.Clear();
        }

        _listener.RecordObservableInstruments();
        return Of(instrument, database);
    }

    /// <summary>The same of an instrument with one value and no tag but the database's.</summary>
    public double ObserveOne(string instrument, string database = InMemory)
    {
        var (value, tags) = Observe(instrument, database).Single();
        Assert.That(tags, Is.Empty);
        return value;
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var meter in _meters)
        {
            meter.Dispose();
        }
    }

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var database = "";
        var others = new List<string>();
        foreach (var (key, tag) in tags)
        {
            if (key == "db.namespace")
            {
                database = (string)tag!;
            }
            else
            {
                others.Add($"{key}={tag}");
            }
        }

        lock (_lock)
        {
            _measured.Add(new Measured(instrument.Name, database, value, string.Join(',', others)));
        }
    }

    private sealed record Measured(string Instrument, string Database, double Value, string Tags);
}
