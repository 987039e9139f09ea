using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Engine.Sorting;

/// <summary>Entries in memory, to be sorted by key. Grows as far as the caller lets it.</summary>
internal sealed class SortBuffer : IComparer<SortItem>
{
    private const int ItemBytes = 24;

    private readonly List<SortItem> _items = [];
    private byte[] _bytes = new byte[16 * 1024];
    private int _used;

    public int Count => _items.Count;

    /// <summary>Memory in use, in bytes.</summary>
    public long Used => _used + ((long)ItemBytes * _items.Count);

    /// <summary>Adds an entry; the caller keeps the sum of all lengths below what an array can hold.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="isElsewhere">
    /// Whether the value is kept elsewhere: then the entry only supersedes earlier ones.
    /// </param>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isElsewhere)
    {
        var end = checked(_used + key.Length + value.Length);
        if (end > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(end, 2L * _bytes.Length)));
        }

        key.CopyTo(_bytes.AsSpan(_used));
        value.CopyTo(_bytes.AsSpan(_used + key.Length));
        _items.Add(new SortItem(Head(key), _used, key.Length, isElsewhere ? -1 : value.Length, _items.Count));
        _used = end;
    }

    /// <summary>Sorts, and drops all but the last of equal keys.</summary>
    public void Sort()
    {
        CollectionsMarshal.AsSpan(_items).Sort(this);
        var kept = 0;
        for (var i = 0; i < _items.Count; i++)
        {
            if (i + 1 == _items.Count || !Key(i).SequenceEqual(Key(i + 1)))
            {
                _items[kept++] = _items[i];
            }
        }

        _items.RemoveRange(kept, _items.Count - kept);
    }

    public ReadOnlySpan<byte> Key(int index) => _bytes.AsSpan(_items[index].Offset, _items[index].KeyLength);

    public ReadOnlySpan<byte> Value(int index) =>
        IsElsewhere(index)
            ? default
            : _bytes.AsSpan(_items[index].Offset + _items[index].KeyLength, _items[index].ValueLength);

    public bool IsElsewhere(int index) => _items[index].ValueLength < 0;

    public void Clear()
    {
        _items.Clear();
        _used = 0;
    }

    public int Compare(SortItem x, SortItem y)
    {
        var order = x.Head.CompareTo(y.Head);
        if (order == 0)
        {
            order = _bytes.AsSpan(x.Offset, x.KeyLength).SequenceCompareTo(_bytes.AsSpan(y.Offset, y.KeyLength));
        }

        return order != 0 ? order : x.Number.CompareTo(y.Number);
    }

    private static ulong Head(ReadOnlySpan<byte> key)
    {
        if (key.Length >= 8)
        {
            return BinaryPrimitives.ReadUInt64BigEndian(key);
        }

        Span<byte> padded = stackalloc byte[8];
        padded.Clear();
        key.CopyTo(padded);
        return BinaryPrimitives.ReadUInt64BigEndian(padded);
    }
}
