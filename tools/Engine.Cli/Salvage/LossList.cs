using Engine.Cli.Reading;
using Engine.Integrity;

namespace Engine.Cli.Salvage;

/// <summary>What a walk through one tree could not read. Neighbours become one range.</summary>
internal sealed class LossList
{
    private readonly List<LostRange> _ranges = [];

    public IReadOnlyList<LostRange> Ranges => _ranges;

    public bool IsEmpty => _ranges.Count == 0;

    /// <summary>Whether whole pages are lost, and not only values.</summary>
    public bool HasPages => _ranges.Exists(range => !range.IsValue);

    public void AddPage(ulong page, string problem, scoped in NodeBounds bounds)
    {
        if (_ranges.Count == 0 || !_ranges[^1].TryExtend(bounds))
            _ranges.Add(new LostRange(KeyRange.Of(bounds), page, problem, isValue: false));
    }

    public void AddEntry(ulong page, string problem, ReadOnlySpan<byte> key) =>
        _ranges.Add(new LostRange(KeyRange.Of(key), page, problem, isValue: true));

    /// <summary>The keys that are lost so far.</summary>
    /// <param name="withValues">Also those of which only the value is lost.</param>
    public KeyRangeSet KeysOf(bool withValues) =>
        new(_ranges.Where(range => withValues || !range.IsValue).Select(range => range.Keys));
}
