using System.Diagnostics.Metrics;
using System.Text;

namespace Engine.Extensions.Hosting;

/// <summary>
/// The metrics of the engine and its extensions in the text format of Prometheus, for an application that has no
/// metrics system of its own. It counts from where it is made; one that is registered by <c>AddEngineMetrics</c> is
/// made before the host starts. The names are those that exporters of OpenTelemetry make of the engine's instruments,
/// so that a dashboard outlives a change to one of those: there, add the meters <c>Engine</c> and
/// <c>Engine.Extensions.*</c>, and leave this out. Thread-safe.
/// </summary>
/// <remarks>The engine measures commits and flushes, and never a read.</remarks>
/// <example>
/// <code>
/// builder.Services.AddEngine("app.db").AddEngineMetrics();
/// app.MapGet("/metrics", (EngineMetrics metrics) => metrics.ToPrometheusText());
/// </code>
/// </example>
public sealed class EngineMetrics : IDisposable
{
    private const string MeterName = "Engine";
    private const string ExtensionsPrefix = "Engine.Extensions.";

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly IMeterFactory? _factory;

    /// <summary>Begins to count.</summary>
    /// <param name="factory">
    /// What makes the meters of the application: those of others in the same process are not counted. Null: all are
    /// that no factory has made.
    /// </param>
    public EngineMetrics(IMeterFactory? factory = null)
    {
        _factory = factory;
        _listener.InstrumentPublished = Publish;
        _listener.SetMeasurementEventCallback<int>(
            static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>(
            static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(
            static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>All metrics as they are now, in the text format of Prometheus, version 0.0.4.</summary>
    public string ToPrometheusText()
    {
        var text = new StringBuilder();
        lock (_gate)
        {
            foreach (var family in _families.Values)
            {
                family.BeginObservation();
            }

            _listener.RecordObservableInstruments();
            foreach (var family in _families.Values)
            {
                family.Write(text);
            }
        }

        return text.ToString();
    }

    /// <summary>Ends the counting.</summary>
    public void Dispose() => _listener.Dispose();

    private void Publish(Instrument instrument, MeterListener listener)
    {
        var meter = instrument.Meter;
        var isOwn = meter.Name == MeterName || meter.Name.StartsWith(ExtensionsPrefix, StringComparison.Ordinal);
        if (!isOwn || (meter.Scope is not null && meter.Scope != _factory))
        {
            return;
        }

        lock (_gate)
        {
            // Instruments of one name, of several databases for example, are one family.
            if (!_families.TryGetValue(instrument.Name, out var family))
            {
                _families.Add(instrument.Name, family = new MetricFamily(instrument));
            }

            listener.EnableMeasurementEvents(instrument, family);
        }
    }
}
