using System.Runtime.CompilerServices;

namespace Engine.Integrity;

/// <summary>
/// The bytes of one page that cells have taken so far, so that overlapping cells are found in one pass.
/// </summary>
internal sealed class CellMap(int pageSize)
{
    private readonly ulong[] _words = new ulong[pageSize / 64];

    public void Clear() => Array.Clear(_words);

    /// <summary>Takes the bytes, which lie within the page; false if one of them was taken before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryTake(int offset, int length)
    {
        var isFree = true;
        var end = offset + length;
        for (var at = offset; at < end;)
        {
            var word = at >> 6;
            var wordEnd = Math.Min(end, (word + 1) << 6);
            var mask = (ulong.MaxValue << (at & 63)) & (ulong.MaxValue >> (63 - ((wordEnd - 1) & 63)));
            isFree &= (_words[word] & mask) == 0;
            _words[word] |= mask;
            at = wordEnd;
        }

        return isFree;
    }
}
