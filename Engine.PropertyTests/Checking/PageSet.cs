using System.Numerics;

namespace Engine.PropertyTests.Checking;

/// <summary>A set of page numbers, as bits.</summary>
public sealed class PageSet
{
    private ulong[] _bits;

    public PageSet(long pages = 0)
    {
        _bits = new ulong[(pages + 63) / 64];
    }

    public int Count
    {
        get
        {
            var count = 0;
            foreach (var word in _bits)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    public bool Contains(long page) => page >> 6 < _bits.Length && (_bits[page >> 6] & (1UL << (int)page)) != 0;

    /// <summary>Adds a page; false if it was there.</summary>
    public bool Add(long page)
    {
        var word = page >> 6;
        if (word >= _bits.Length)
        {
            Array.Resize(ref _bits, (int)Math.Max(word + 1, _bits.Length * 2L));
        }

        var bit = 1UL << (int)page;
        if ((_bits[word] & bit) != 0)
        {
            return false;
        }

        _bits[word] |= bit;
        return true;
    }

    public void UnionWith(PageSet other)
    {
        if (other._bits.Length > _bits.Length)
        {
            Array.Resize(ref _bits, other._bits.Length);
        }

        for (var i = 0; i < other._bits.Length; i++)
        {
            _bits[i] |= other._bits[i];
        }
    }

    public void Clear() => Array.Clear(_bits);

    /// <summary>The pages, ascending.</summary>
    public IEnumerable<long> Pages()
    {
        for (var i = 0; i < _bits.Length; i++)
        {
            for (var word = _bits[i]; word != 0; word &= word - 1)
            {
                yield return i * 64L + BitOperations.TrailingZeroCount(word);
            }
        }
    }

    public override string ToString() => string.Join(' ', Pages());
}
