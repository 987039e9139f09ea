using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine;

/// <summary>
/// One tree of one snapshot by its keys and values: <c>read.Open(tree)</c>. Passed by value. Encoding and decoding
/// allocate nothing but what a value itself is (a string, an array), for keys of up to 1,024 bytes.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <remarks>
/// Every member throws <see cref="ArgumentException"/> for a key that has no encoding, and
/// <see cref="InvalidEncodingException"/> for bytes that are none, as another program may have put there.
/// </remarks>
/// <example>
/// <code>
/// var scores = db.GetTree&lt;string, int&gt;("scores");
/// using var read = db.BeginRead();
/// foreach (var (name, score) in read.Open(scores).From("m"))
/// {
///     Console.WriteLine($"{name}: {score}");
/// }
/// </code>
/// </example>
public readonly ref partial struct TreeReader<TKey, TValue>
{
    private readonly TreeReader _reader;
    private readonly Tree<TKey, TValue> _tree;

    internal TreeReader(TreeReader reader, Tree<TKey, TValue> tree)
    {
        _reader = reader;
        _tree = tree;
    }

    /// <summary>The same as bytes.</summary>
    public TreeReader Untyped => _reader;

    /// <summary>Entries. O(1).</summary>
    public long Count => _reader.Count;

    /// <summary>The tree in numbers.</summary>
    public TreeStatistics GetStatistics() => _reader.GetStatistics();

    /// <summary>Looks a key up.</summary>
    /// <returns>Whether the key is there.</returns>
    [SkipLocalsInit]
    public bool TryGet(TKey key, out TValue value)
    {
        if (typeof(TKey).IsValueType)
        {
            // Most have 16 bytes or less, for which no memory need be reserved.
            Unsafe.SkipInit(out UInt128 room);
            var scratch = MemoryMarshal.AsBytes(new Span<UInt128>(ref room));
            var length = Tree.KeyCodec.TryEncode(key, scratch);
            if (length >= 0)
            {
                return Result(_reader.TryGet(scratch[..length], out var bytes), bytes, out value);
            }
        }

        return TryGetLong(key, out value);
    }

    /// <summary>Looks a key up, and gives the bytes of the value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The encoded value; it lives as long as the read transaction.</param>
    /// <returns>Whether the key is there.</returns>
    [SkipLocalsInit]
    public bool TryGetBytes(TKey key, out ReadOnlySpan<byte> value) =>
        _reader.TryGet(Tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length]), out value);

    /// <summary>
    /// A value, or the default value of its type (null, zero) if the key is absent, which <see cref="TryGet"/> tells.
    /// </summary>
    public TValue? Get(TKey key) => TryGet(key, out var value) ? value : default;

    /// <summary>Whether a key is there. Does not touch the value.</summary>
    [SkipLocalsInit]
    public bool ContainsKey(TKey key) =>
        _reader.ContainsKey(Tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length]));

    /// <summary>The entry with the smallest key.</summary>
    public bool TryGetFirst(out Entry<TKey, TValue> entry) =>
        Result(_reader.TryGetFirst(out var found), found, out entry);

    /// <summary>The entry with the greatest key.</summary>
    public bool TryGetLast(out Entry<TKey, TValue> entry) =>
        Result(_reader.TryGetLast(out var found), found, out entry);

    /// <summary>The entry with the greatest key ≤ <paramref name="key"/>.</summary>
    [SkipLocalsInit]
    public bool TryGetFloor(TKey key, out Entry<TKey, TValue> entry) => Result(
        _reader.TryGetFloor(Tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length]), out var found),
        found,
        out entry);

    /// <summary>The entry with the smallest key ≥ <paramref name="key"/>.</summary>
    [SkipLocalsInit]
    public bool TryGetCeiling(TKey key, out Entry<TKey, TValue> entry) => Result(
        _reader.TryGetCeiling(Tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length]), out var found),
        found,
        out entry);

    /// <summary>The entry with the greatest key &lt; <paramref name="key"/>.</summary>
    [SkipLocalsInit]
    public bool TryGetLower(TKey key, out Entry<TKey, TValue> entry) => Result(
        _reader.TryGetLower(Tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length]), out var found),
        found,
        out entry);

    /// <summary>The entry with the smallest key &gt; <paramref name="key"/>.</summary>
    [SkipLocalsInit]
    public bool TryGetHigher(TKey key, out Entry<TKey, TValue> entry) => Result(
        _reader.TryGetHigher(Tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length]), out var found),
        found,
        out entry);

    /// <summary>All entries, ascending.</summary>
    public TreeRange<TKey, TValue> All() => new(_reader, Tree, default, RangeEnd.None);

    /// <summary>The entries with from ≤ key &lt; to, ascending.</summary>
    [SkipLocalsInit]
    public TreeRange<TKey, TValue> Range(TKey from, TKey to)
    {
        Span<byte> scratch = stackalloc byte[Scratch.Length];
        EncodedBounds bounds = default;
        bounds.From = new EncodedBound(Tree.KeyCodec.Encode(from, scratch));
        bounds.To = new EncodedBound(Tree.KeyCodec.Encode(to, scratch));
        return new(_reader, Tree, bounds, RangeEnd.Below);
    }

    /// <summary>The entries with key ≥ from, ascending.</summary>
    [SkipLocalsInit]
    public TreeRange<TKey, TValue> From(TKey from)
    {
        EncodedBounds bounds = default;
        bounds.From = new EncodedBound(Tree.KeyCodec.Encode(from, stackalloc byte[Scratch.Length]));
        return new(_reader, Tree, bounds, RangeEnd.None);
    }

    /// <summary>The entries with key &lt; to, ascending.</summary>
    public TreeRange<TKey, TValue> Until(TKey to) => All().Before(to);

    /// <summary>The entries with key ≤ to, ascending.</summary>
    public TreeRange<TKey, TValue> Through(TKey to) => All().Through(to);

    /// <summary>
    /// The entries whose keys begin with the bytes of another key, ascending: strings and byte arrays that begin with
    /// this one.
    /// </summary>
    [SkipLocalsInit]
    public TreeRange<TKey, TValue> Prefix(TKey prefix) =>
        Prefix(Tree.KeyCodec.Encode(prefix, stackalloc byte[Scratch.Length]));

    /// <summary>The entries whose keys have the same first parts as another one, ascending.</summary>
    /// <param name="key">The key, of which only the first parts count.</param>
    /// <param name="parts">How many parts, from 1 to those of the codec.</param>
    /// <exception cref="ArgumentOutOfRangeException">Keys do not have so many parts.</exception>
    [SkipLocalsInit]
    public TreeRange<TKey, TValue> Prefix(TKey key, int parts) =>
        Prefix(Tree.KeyCodec.EncodeFirst(key, parts, stackalloc byte[Scratch.Length]));

    private Tree<TKey, TValue> Tree
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (_tree is null)
            {
                Throw.EndedTransaction(null);
            }

            return _tree;
        }
    }

    private TreeRange<TKey, TValue> Prefix(scoped ReadOnlySpan<byte> prefix)
    {
        EncodedBounds bounds = default;
        bounds.From = new EncodedBound(prefix);
        bounds.To = bounds.From;
        return new(_reader, Tree, bounds, RangeEnd.Prefix);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryGetLong(TKey key, out TValue value) => Result(
        _reader.TryGet(Tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length]), out var bytes), bytes, out value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Result(bool isFound, ReadOnlySpan<byte> bytes, out TValue value)
    {
        value = isFound ? Tree.ValueCodec.Decode(bytes) : default!;
        return isFound;
    }

    private bool Result(bool isFound, Entry found, out Entry<TKey, TValue> entry)
    {
        entry = new Entry<TKey, TValue>(found, _tree);
        return isFound;
    }
}
