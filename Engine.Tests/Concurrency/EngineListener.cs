using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;

namespace Engine.Tests.Concurrency;

/// <summary>
/// Listens to all that engines tell, by their names, as a host does: metrics, spans, events and counters.
/// </summary>
internal sealed class EngineListener : IDisposable
{
    private readonly MeterListener _metrics = new();
    private readonly ActivityListener _spans = new()
    {
        ShouldListenTo = static source => source.Name == "Engine",
        Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
    };

    private readonly Events _events;
    private int _measurements;
    private int _ended;

    public EngineListener(bool pollsCounters)
    {
        _events = new Events(pollsCounters);
        _metrics.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Engine")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _metrics.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref _measurements));
        _metrics.Start();
        _spans.ActivityStopped = _ => Interlocked.Increment(ref _ended);
        ActivitySource.AddActivityListener(_spans);
    }

    /// <summary>Whether there were measurements, spans and events.</summary>
    public bool HasHeard => _measurements > 0 && _ended > 0 && _events.Count > 0;

    public void Dispose()
    {
        _metrics.Dispose();
        _spans.Dispose();
        _events.Dispose();
    }

    private sealed class Events : EventListener
    {
        private readonly Dictionary<string, string?> _arguments = [];
        private int _count;

        public Events(bool pollsCounters)
        {
            if (pollsCounters)
            {
                _arguments["EventCounterIntervalSec"] = "0.1";
            }
        }

        public int Count => _count;

        protected override void OnEventSourceCreated(EventSource source)
        {
            // That of the engine which is tested here would be heard by other tests as well.
            if (source.Name == "Engine" && source.GetType().Assembly != typeof(Database).Assembly)
            {
                EnableEvents(source, EventLevel.Informational, EventKeywords.None, _arguments);
            }
        }

        protected override void OnEventWritten(EventWrittenEventArgs data) => Interlocked.Increment(ref _count);
    }
}
