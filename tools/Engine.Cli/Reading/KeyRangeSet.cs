using Engine.Integrity;

namespace Engine.Cli.Reading;

/// <summary>The keys of some ranges, or all keys.</summary>
internal sealed class KeyRangeSet
{
    public static readonly KeyRangeSet All = new([KeyRange.All]);

    /// <summary>Ascending, without overlaps.</summary>
    private readonly List<KeyRange> _ranges = [];

    /// <param name="ranges">In any order; they may overlap.</param>
    public KeyRangeSet(IEnumerable<KeyRange> ranges)
    {
        foreach (KeyRange range in ranges.Order(Comparer<KeyRange>.Create(CompareStarts)))
        {
            if (_ranges.Count > 0 && _ranges[^1].TryJoin(range) is { } joined)
                _ranges[^1] = joined;
            else
                _ranges.Add(range);
        }
    }

    public bool Contains(ReadOnlySpan<byte> key) => FirstEndingAfter(key) is { } range && range.Contains(key);

    /// <summary>Whether one of the ranges contains both keys, and so everything between them.</summary>
    public bool Contains(ReadOnlySpan<byte> first, ReadOnlySpan<byte> last) =>
        FirstEndingAfter(first) is { } range && range.Contains(first) && range.Contains(last);

    public bool Overlaps(scoped in NodeBounds bounds)
    {
        KeyRange? range = bounds.HasLower ? FirstEndingAfter(bounds.Lower) : _ranges.FirstOrDefault();
        return range?.Overlaps(bounds) == true;
    }

    private static int CompareStarts(KeyRange? x, KeyRange? y) => (x!.From, y!.From) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        var (from, other) => from.AsSpan().SequenceCompareTo(other),
    };

    private KeyRange? FirstEndingAfter(ReadOnlySpan<byte> key)
    {
        int low = 0;
        int high = _ranges.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_ranges[middle].To is { } to && key.SequenceCompareTo(to) >= 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low < _ranges.Count ? _ranges[low] : null;
    }
}
