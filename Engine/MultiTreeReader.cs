using System.Runtime.CompilerServices;
using Engine.Trees;

namespace Engine;

/// <summary>
/// One multi-valued tree of one snapshot: <c>read[tree]</c>. Passed by value; spans that it gives live as long as the
/// read transaction. Keys and values are compared bytewise; the pairs are in the order of their keys, and those of a
/// key in the order of their values. Nothing here allocates for keys and values that have 1,024 bytes together.
/// </summary>
/// <example>
/// <code>
/// var tags = db.GetMultiTree("tags");
/// using var read = db.BeginRead();
/// foreach (var tag in read[tags].Values("ada"u8))
/// {
///     Console.WriteLine(Encoding.UTF8.GetString(tag));
/// }
/// </code>
/// </example>
public readonly ref partial struct MultiTreeReader
{
    private readonly TreeReader _pairs;
    private readonly PairForm _form;

    internal MultiTreeReader(TreeReader pairs, PairForm form)
    {
        _pairs = pairs;
        _form = form;
    }

    /// <summary>The same as entries whose keys are the pairs, see <see cref="MultiTree.Untyped"/>.</summary>
    public TreeReader Untyped => _pairs;

    /// <summary>The length of all keys in bytes; 0 if they may have different ones.</summary>
    public int KeySize => _form.KeySize;

    /// <summary>Pairs. O(1).</summary>
    public long Count => _pairs.Count;

    /// <summary>The tree in numbers; its entries are the pairs.</summary>
    public TreeStatistics GetStatistics() => _pairs.GetStatistics();

    /// <summary>Whether a pair is there.</summary>
    [SkipLocalsInit]
    public bool Contains(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value) =>
        _pairs.ContainsKey(_form.Pair(key, value, stackalloc byte[Scratch.Length])) && _form.Allows(key);

    /// <summary>Whether a key has any value.</summary>
    public bool ContainsKey(scoped ReadOnlySpan<byte> key) => TryGetFirst(key, out _);

    /// <summary>The smallest value of a key.</summary>
    /// <returns>Whether the key has any.</returns>
    [SkipLocalsInit]
    public bool TryGetFirst(scoped ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        var prefix = _form.Key(key, stackalloc byte[Scratch.Length]);
        var cursor = _pairs.NewCursor();
        return Result(ref cursor, cursor.Seek(prefix, out _) && _form.Allows(key), prefix, out value);
    }

    /// <summary>The greatest value of a key.</summary>
    /// <returns>Whether the key has any.</returns>
    [SkipLocalsInit]
    public bool TryGetLast(scoped ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        var prefix = _form.Key(key, stackalloc byte[Scratch.Length]);
        var cursor = _pairs.NewCursor();
        var found = PairForm.TryNext(prefix, stackalloc byte[Scratch.Length], out var next)
            ? cursor.SeekBelow(next, orEqual: false, out _)
            : cursor.MoveToLast();
        return Result(ref cursor, found && _form.Allows(key), prefix, out value);
    }

    /// <summary>The values of a key, ascending; none if it is absent.</summary>
    public MultiTreeValueRange Values(scoped ReadOnlySpan<byte> key)
    {
        var scope = Scope();
        var keyLength = scope.KeepKey(key);
        return new(scope, keyLength);
    }

    /// <summary>
    /// How many values a key has: O(log n) in a counted tree (<see cref="TreeOptions.Counted"/>), else by going over
    /// their leaves.
    /// </summary>
    public long CountValues(scoped ReadOnlySpan<byte> key) => Values(key).Count();

    /// <summary>The pair with the smallest key, and of its values the smallest.</summary>
    public bool TryGetFirst(out Entry pair)
    {
        var cursor = _pairs.NewCursor();
        return Result(ref cursor, cursor.MoveToFirst(), out pair);
    }

    /// <summary>The pair with the greatest key, and of its values the greatest.</summary>
    public bool TryGetLast(out Entry pair)
    {
        var cursor = _pairs.NewCursor();
        return Result(ref cursor, cursor.MoveToLast(), out pair);
    }

    /// <summary>The smallest key &gt; <paramref name="key"/>.</summary>
    /// <param name="key">The key, which may be absent.</param>
    /// <param name="next">The next one; it lives as long as the read transaction.</param>
    [SkipLocalsInit]
    public bool TryGetNextKey(scoped ReadOnlySpan<byte> key, out ReadOnlySpan<byte> next)
    {
        Span<byte> scratch = stackalloc byte[Scratch.Length];
        scoped ReadOnlySpan<byte> bound;
        var isBounded = _form.Allows(key)
            ? PairForm.TryNext(_form.Key(key, stackalloc byte[Scratch.Length]), scratch, out bound)
            : _form.TryBound(key, scratch, out bound);
        var cursor = _pairs.NewCursor();
        var found = Result(ref cursor, isBounded && cursor.Seek(bound, out _), out var pair);
        next = pair.Key;
        return found;
    }

    /// <summary>The greatest key &lt; <paramref name="key"/>.</summary>
    /// <param name="key">The key, which may be absent.</param>
    /// <param name="previous">The one before; it lives as long as the read transaction.</param>
    [SkipLocalsInit]
    public bool TryGetPreviousKey(scoped ReadOnlySpan<byte> key, out ReadOnlySpan<byte> previous)
    {
        var cursor = _pairs.NewCursor();
        var found = _form.TryBound(key, stackalloc byte[Scratch.Length], out var bound)
            ? cursor.SeekBelow(bound, orEqual: false, out _)
            : cursor.MoveToLast();
        found = Result(ref cursor, found, out var pair);
        previous = pair.Key;
        return found;
    }

    /// <summary>All pairs, ascending.</summary>
    public MultiTreeRange All() => new(Scope());

    /// <summary>The pairs with from ≤ key &lt; to, ascending.</summary>
    public MultiTreeRange Range(scoped ReadOnlySpan<byte> from, scoped ReadOnlySpan<byte> to)
    {
        var scope = Scope();
        scope.StartAtKey(from);
        scope.EndAtKey(to);
        return new(scope);
    }

    /// <summary>The pairs with key ≥ from, ascending.</summary>
    public MultiTreeRange From(scoped ReadOnlySpan<byte> from)
    {
        var scope = Scope();
        scope.StartAtKey(from);
        return new(scope);
    }

    /// <summary>The pairs with key &lt; to, ascending.</summary>
    public MultiTreeRange Until(scoped ReadOnlySpan<byte> to)
    {
        var scope = Scope();
        scope.EndAtKey(to);
        return new(scope);
    }

    /// <summary>The pairs whose keys begin with a prefix, ascending.</summary>
    public MultiTreeRange Prefix(scoped ReadOnlySpan<byte> prefix)
    {
        var scope = Scope();
        scope.KeepPrefix(prefix);
        return new(scope);
    }

    /// <summary>The keys, each once, ascending.</summary>
    public MultiTreeKeyRange Keys() => new(Scope());

    /// <summary>A cursor that stands before the first pair.</summary>
    public MultiReadCursor OpenCursor() => new(_pairs, _form);

    /// <summary>How many pairs have smaller keys. O(log n).</summary>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    [SkipLocalsInit]
    public long Rank(scoped ReadOnlySpan<byte> key)
    {
        var isBounded = _form.TryBound(key, stackalloc byte[Scratch.Length], out var bound);
        var rank = _pairs.Rank(bound);
        return isBounded ? rank : Count;
    }

    /// <summary>How many pairs are smaller than one, which may be absent. O(log n).</summary>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    [SkipLocalsInit]
    public long Rank(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value) => _form.Allows(key)
        ? _pairs.Rank(_form.Pair(key, value, stackalloc byte[Scratch.Length]))
        : Rank(key);

    /// <inheritdoc cref="TreeReader.TryGetAt"/>
    public bool TryGetAt(long index, out Entry entry)
    {
        var found = _pairs.TryGetAt(index, out var stored);
        entry = found ? Pair.Entry(_form, stored) : default;
        return found;
    }

    /// <inheritdoc cref="TreeReader.ElementAt"/>
    public Entry ElementAt(long index) => Pair.Entry(_form, _pairs.ElementAt(index));

    /// <summary>
    /// Divides the pairs into parts of the same size, give or take one: for several threads, say, that read one
    /// snapshot each from <c>pairs[i]</c> to <c>pairs[i + 1]</c> (<see cref="MultiTreeRange.From"/>,
    /// <see cref="MultiTreeRange.Before"/>). Allocates the pairs. O(parts · log n).
    /// </summary>
    /// <param name="parts">How many.</param>
    /// <returns>
    /// The first pairs of the parts from the second one on, ascending; fewer if there are not so many pairs.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The parts are fewer than one.</exception>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    public KeyValuePair<byte[], byte[]>[] Partition(int parts)
    {
        var borders = _pairs.Partition(parts);
        var pairs = new KeyValuePair<byte[], byte[]>[borders.Length];
        for (var i = 0; i < borders.Length; i++)
        {
            var key = _form.KeyOf(borders[i]);
            pairs[i] = new(key.ToArray(), borders[i][_form.KeyLength(borders[i])..]);
        }

        return pairs;
    }

    /// <inheritdoc cref="TreeReader.TryGetRandom"/>
    public bool TryGetRandom(Random random, out Entry entry)
    {
        var found = _pairs.TryGetRandom(random, out var stored);
        entry = found ? Pair.Entry(_form, stored) : default;
        return found;
    }

    private PairScope Scope() => new(_pairs, _form);

    private bool Result(scoped ref TreeCursor cursor, bool found, out Entry pair)
    {
        pair = found ? Pair.Entry(_form, new Entry(cursor.Key, cursor.Value)) : default;
        return found;
    }

    private static bool Result(
        scoped ref TreeCursor cursor, bool found, scoped ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> value)
    {
        if (found && cursor.Key.StartsWith(prefix))
        {
            value = cursor.Key[prefix.Length..];
            return true;
        }

        value = default;
        return false;
    }
}
