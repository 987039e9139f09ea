using Engine.Integrity;

namespace Engine.Cli.Reading;

/// <summary>Ranges of keys that ascend and do not overlap, or all keys.</summary>
internal sealed class KeyRangeSet
{
    public static readonly KeyRangeSet All = new([KeyRange.All]);

    private readonly KeyRange[] _ranges;

    /// <param name="ranges">In ascending order, without overlaps.</param>
    public KeyRangeSet(IEnumerable<KeyRange> ranges) => _ranges = [.. ranges];

    public bool Contains(ReadOnlySpan<byte> key) => FirstEndingAfter(key) is { } range && range.Contains(key);

    /// <summary>Whether one of the ranges contains both keys, and so everything between them.</summary>
    public bool Contains(ReadOnlySpan<byte> first, ReadOnlySpan<byte> last) =>
        FirstEndingAfter(first) is { } range && range.Contains(first) && range.Contains(last);

    public bool Overlaps(scoped in NodeBounds bounds)
    {
        KeyRange? range = bounds.HasLower ? FirstEndingAfter(bounds.Lower) : _ranges.FirstOrDefault();
        return range?.Overlaps(bounds) == true;
    }

    private KeyRange? FirstEndingAfter(ReadOnlySpan<byte> key)
    {
        int low = 0;
        int high = _ranges.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_ranges[middle].To is { } to && key.SequenceCompareTo(to) >= 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low < _ranges.Length ? _ranges[low] : null;
    }
}
