using System.Globalization;
using System.Text;

namespace Engine.Extensions.Hosting;

/// <summary>The values of one metric with the same tags.</summary>
internal sealed class MetricSeries
{
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly string _labels;
    private readonly double[]? _bounds;
    private readonly long[] _buckets;
    private double _value;

    /// <param name="tags">The tags.</param>
    /// <param name="bounds">Of a histogram: where its buckets end; otherwise null.</param>
    public MetricSeries(ReadOnlySpan<KeyValuePair<string, object?>> tags, double[]? bounds)
    {
        _tags = tags.ToArray();
        _labels = string.Join(',', _tags.Select(static tag =>
            $"{Label(tag.Key)}=\"{Escaped(Convert.ToString(tag.Value, CultureInfo.InvariantCulture))}\""));
        _bounds = bounds;
        _buckets = new long[bounds is null ? 0 : bounds.Length + 1];
    }

    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length != _tags.Length)
        {
            return false;
        }

        for (var i = 0; i < tags.Length; i++)
        {
            if (tags[i].Key != _tags[i].Key || !Equals(tags[i].Value, _tags[i].Value))
            {
                return false;
            }
        }

        return true;
    }

    /// <param name="value">What was measured.</param>
    /// <param name="isAdded">Whether it is a change of what there was, rather than what is there now.</param>
    public void Record(double value, bool isAdded)
    {
        if (_bounds is not null)
        {
            // A bound belongs to the bucket that it ends.
            var at = Array.BinarySearch(_bounds, value);
            _buckets[at < 0 ? ~at : at]++;
            _value += value;
        }
        else
        {
            _value = isAdded ? _value + value : value;
        }
    }

    public void Write(StringBuilder text, string name)
    {
        if (_bounds is null)
        {
            WriteLine(text, name, _labels, _value);
            return;
        }

        var separator = _labels.Length == 0 ? "" : ",";
        var count = 0L;
        for (var i = 0; i < _buckets.Length; i++)
        {
            count += _buckets[i];
            var bound = i < _bounds.Length ? _bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
            WriteLine(text, $"{name}_bucket", $"{_labels}{separator}le=\"{bound}\"", count);
        }

        WriteLine(text, $"{name}_sum", _labels, _value);
        WriteLine(text, $"{name}_count", _labels, count);
    }

    private static void WriteLine(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(CultureInfo.InvariantCulture, $" {value}\n");
    }

    private static string Label(string key) => string.Concat(
        key.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    private static string Escaped(string? value) => (value ?? "")
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);
}
