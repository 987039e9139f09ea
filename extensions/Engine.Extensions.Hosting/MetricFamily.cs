using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Engine.Extensions.Hosting;

/// <summary>One metric with its series, each of which has other tags. Thread-safe.</summary>
internal sealed class MetricFamily
{
    /// <summary>
    /// Buckets of a histogram that does not say which it wants: those of OpenTelemetry for durations.
    /// </summary>
    private static readonly double[] DefaultBounds =
        [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private readonly Lock _gate = new();
    private readonly List<MetricSeries> _series = [];
    private readonly string _name;
    private readonly string? _help;
    private readonly string _type;
    private readonly bool _isAdded;
    private readonly bool _isObservable;
    private readonly double[]? _bounds;

    public MetricFamily(Instrument instrument)
    {
        _isObservable = instrument.IsObservable;
        _help = instrument.Description;
        _bounds = instrument switch
        {
            Histogram<double> histogram => Bounds(histogram),
            Histogram<long> histogram => Bounds(histogram),
            Histogram<int> histogram => Bounds(histogram),
            _ => null,
        };
        var isCounter = instrument is Counter<int> or Counter<long> or Counter<double>
            or ObservableCounter<int> or ObservableCounter<long> or ObservableCounter<double>;
        _type = _bounds is not null ? "histogram" : isCounter ? "counter" : "gauge";

        // What is observed, or gauged, is what it is; the rest adds up.
        _isAdded = instrument is Counter<int> or Counter<long> or Counter<double>
            or UpDownCounter<int> or UpDownCounter<long> or UpDownCounter<double>;
        _name = NameOf(instrument, _type);
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_gate)
        {
            Find(tags).Record(value, _isAdded);
        }
    }

    /// <summary>What is not observed from here on is not there any more.</summary>
    public void BeginObservation()
    {
        if (_isObservable)
        {
            lock (_gate)
            {
                _series.Clear();
            }
        }
    }

    public void Write(StringBuilder text)
    {
        lock (_gate)
        {
            if (_series.Count == 0)
            {
                return;
            }

            if (_help is not null)
            {
                var help = _help
                    .Replace("\\", "\\\\", StringComparison.Ordinal)
                    .Replace("\n", "\\n", StringComparison.Ordinal);
                text.Append(CultureInfo.InvariantCulture, $"# HELP {_name} {help}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"# TYPE {_name} {_type}\n");
            foreach (var series in _series)
            {
                series.Write(text, _name);
            }
        }
    }

    private static double[] Bounds<T>(Histogram<T> histogram)
        where T : struct => histogram.Advice?.HistogramBucketBoundaries is { } bounds
            ? [.. bounds.Select(static bound => Convert.ToDouble(bound, CultureInfo.InvariantCulture))]
            : DefaultBounds;

    /// <summary>The name by the rules of OpenTelemetry: with the unit, and a counter with what says so.</summary>
    private static string NameOf(Instrument instrument, string type)
    {
        var name = new StringBuilder(instrument.Name.Length);
        foreach (var c in instrument.Name)
        {
            name.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            "1" when type == "gauge" => "_ratio",
            _ => "",
        };
        foreach (var suffix in new[] { unit, type == "counter" ? "_total" : "" })
        {
            if (!name.ToString().EndsWith(suffix, StringComparison.Ordinal))
            {
                name.Append(suffix);
            }
        }

        return name.ToString();
    }

    private MetricSeries Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var series in _series)
        {
            if (series.Has(tags))
            {
                return series;
            }
        }

        var added = new MetricSeries(tags, _bounds);
        _series.Add(added);
        return added;
    }
}
