using System.Numerics;

namespace Engine.Extensions.Caching;

/// <summary>
/// Which entries were read since eviction last came by, a byte for each, found by the last bits of the id. Two entries
/// may share one: then one of them stays longer than it should.
/// </summary>
internal sealed class TouchedEntries
{
    private const long Least = 1 << 12;
    private const long Most = 1 << 22;

    /// <summary>An entry is seldom smaller; so the marks take a thousandth of what they are for.</summary>
    private const long BytesPerMark = 1024;

    private readonly byte[] _marks;

    public TouchedEntries(long sizeLimit)
    {
        var count = Math.Clamp(sizeLimit / BytesPerMark, Least, Most);
        _marks = new byte[BitOperations.RoundUpToPowerOf2((ulong)count)];
    }

    public void Mark(ulong id)
    {
        ref var mark = ref _marks[id & (ulong)(_marks.Length - 1)];

        // Most are marked already: a write would take the line of memory from the other processors.
        if (mark == 0)
        {
            mark = 1;
        }
    }

    /// <summary>Takes the mark away.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Unmark(ulong id)
    {
        ref var mark = ref _marks[id & (ulong)(_marks.Length - 1)];
        var wasMarked = mark != 0;
        mark = 0;
        return wasMarked;
    }
}
