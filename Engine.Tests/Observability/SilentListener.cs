using System.Diagnostics.Metrics;

namespace Engine.Tests.Observability;

/// <summary>A factory whose meter is listened to by somebody who only counts, if it is to be.</summary>
internal sealed class SilentListener : IMeterFactory
{
    private readonly MeterListener _listener = new();
    private Meter? _meter;

    public SilentListener(bool listens)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, this))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, _, _, _) => Count++);
        _listener.SetMeasurementEventCallback<double>((_, _, _, _) => Count++);
        if (listens)
        {
            _listener.Start();
        }
    }

    public int Count { get; private set; }

    public Meter Create(MeterOptions options) => _meter ??= new Meter(options.Name, null, null, scope: this);

    public void Dispose()
    {
        _listener.Dispose();
        _meter?.Dispose();
    }
}
