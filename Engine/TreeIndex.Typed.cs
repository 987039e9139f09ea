using System.Runtime.CompilerServices;
using Engine.Transactions;

namespace Engine;

/// <summary>
/// An index of a tree: its entries ordered by something that a selector makes of them.
/// <see cref="Tree{TKey, TValue}.AddIndex{TIndexKey}(string, Func{TKey, TValue, TIndexKey}, bool)"/> declares it;
/// <c>read.Open(index)</c>, <c>tx.Open(index)</c> and <c>snapshot.Open(index)</c> read by it. Thread-safe.
/// </summary>
/// <typeparam name="TIndexKey">The type of the index's keys.</typeparam>
/// <typeparam name="TKey">The type of the tree's keys.</typeparam>
/// <typeparam name="TValue">The type of the tree's values.</typeparam>
/// <example>
/// <code>
/// var scores = db.GetTree&lt;string, int&gt;("scores");
/// var byScore = scores.AddIndex("scores.by-score", static (name, score) => score);
/// using (var tx = db.BeginWrite())
/// {
///     tx.Open(tx.CreateTree(scores)).Put("ada", 42);
///     tx.Commit();
/// }
///
/// using var read = db.BeginRead();
/// foreach (var (score, name, _) in read.Open(byScore).From(40))
/// {
///     Console.WriteLine($"{name}: {score}");
/// }
/// </code>
/// </example>
public sealed class TreeIndex<TIndexKey, TKey, TValue> : TreeIndex<TKey, TValue>
{
    private readonly IndexSelector<TKey, TValue, TIndexKey> _select;

    internal TreeIndex(
        Tree<TKey, TValue> tree,
        Tree untyped,
        in IndexDefinition definition,
        KeyCodec<TIndexKey> keyCodec,
        IndexSelector<TKey, TValue, TIndexKey> select)
        : base(tree, untyped, definition)
    {
        KeyCodec = keyCodec;
        _select = select;
    }

    /// <summary>How the index's keys become bytes.</summary>
    public KeyCodec<TIndexKey> KeyCodec { get; }

    [SkipLocalsInit]
    internal override void SetEntry(
        int item, TKey key, ReadOnlySpan<byte> keyPart, TValue value, bool isNew, IndexChanges changes)
    {
        if (_select(key, value, out var indexKey))
        {
            var part = PartBytes.Encode(KeyCodec, indexKey, stackalloc byte[Scratch.Length]);
            changes.Set(item, isNew, part, keyPart);
        }
    }

    internal override int GetIndexKeyLength(ReadOnlySpan<byte> entry) => KeyCodec.GetPartLength(entry);

    /// <summary>The tree's key in an entry of the index.</summary>
    /// <exception cref="InvalidEncodingException">It is no entry of the index.</exception>
    internal TKey DecodeKey(ReadOnlySpan<byte> part)
    {
        var key = Tree.KeyCodec.DecodePart(part, out var length);
        if (length != part.Length)
        {
            Malformed.ThrowTooLong(part.Length, length, Tree.KeyCodec.Name);
        }

        return key;
    }

    /// <summary>What the entries with a key of the index begin with.</summary>
    internal ReadOnlySpan<byte> Encode(TIndexKey indexKey, Span<byte> scratch) =>
        PartBytes.Encode(KeyCodec, indexKey, scratch);

    /// <summary>The bound that the entries with a key of the index begin with.</summary>
    [SkipLocalsInit]
    internal EncodedBound Bound(TIndexKey indexKey) => new(Encode(indexKey, stackalloc byte[Scratch.Length]));

    /// <summary>The bound of an entry of the index.</summary>
    [SkipLocalsInit]
    internal EncodedBound Bound(TIndexKey indexKey, TKey key)
    {
        var part = Encode(indexKey, stackalloc byte[Scratch.Length]);
        var keyPart = PartBytes.Encode(Tree.KeyCodec, key, stackalloc byte[Scratch.Length]);
        var length = part.Length + keyPart.Length;
        var entry = length <= Scratch.Length ? stackalloc byte[Scratch.Length] : new byte[length];
        part.CopyTo(entry);
        keyPart.CopyTo(entry[part.Length..]);
        return new EncodedBound(entry[..length]);
    }

    /// <summary>The first bound behind all entries with a key of the index.</summary>
    /// <returns>False if no key can be behind them.</returns>
    [SkipLocalsInit]
    internal bool TryGetBoundBehind(TIndexKey indexKey, out EncodedBound bound)
    {
        var part = Encode(indexKey, stackalloc byte[Scratch.Length]);
        var buffer = part.Length <= Scratch.Length ? stackalloc byte[Scratch.Length] : new byte[part.Length];
        var exists = RangeBounds.TrySuccessor(part, buffer, out var successor);
        bound = new EncodedBound(successor);
        return exists;
    }

    /// <summary>What the entries begin with whose keys in the index begin with another one.</summary>
    [SkipLocalsInit]
    internal EncodedBound Beginning(TIndexKey prefix)
    {
        Span<byte> scratch = stackalloc byte[Scratch.Length];
        return new EncodedBound(
            PartBytes.EncodeBeginning(KeyCodec.Encode(prefix, scratch), KeyCodec.IsPrefixFree, scratch));
    }

    /// <inheritdoc cref="Beginning(TIndexKey)"/>
    [SkipLocalsInit]
    internal EncodedBound Beginning(TIndexKey indexKey, int parts)
    {
        Span<byte> scratch = stackalloc byte[Scratch.Length];
        return new EncodedBound(
            PartBytes.EncodeBeginning(KeyCodec.EncodeFirst(indexKey, parts, scratch), KeyCodec.IsPrefixFree, scratch));
    }
    internal IndexBounds Range(TIndexKey from, TIndexKey to) =>
        new(new EncodedBounds { From = Bound(from), To = Bound(to) }, RangeEnd.Below);

    internal IndexBounds From(TIndexKey from) => IndexBounds.From(Bound(from));

    internal IndexBounds Prefix(TIndexKey prefix) => IndexBounds.Prefix(Beginning(prefix));

    internal IndexBounds Prefix(TIndexKey indexKey, int parts) => IndexBounds.Prefix(Beginning(indexKey, parts));

    internal IndexBounds Find(TIndexKey indexKey) => IndexBounds.Prefix(Bound(indexKey));

    /// <summary>A range without what is behind the entries with a key of the index.</summary>
    internal IndexBounds Through(in IndexBounds bounds, TIndexKey to) =>
        TryGetBoundBehind(to, out var behind) ? bounds.Before(behind) : bounds;

    /// <summary>A range without the entries with a key of the index, and what is before.</summary>
    internal IndexBounds After(in IndexBounds bounds, TIndexKey indexKey) =>
        TryGetBoundBehind(indexKey, out var behind)
            ? bounds.After(behind, isExcluded: false)
            : IndexBounds.Nothing;

    /// <summary>Refuses what only a unique index has one answer to.</summary>
    internal void RequireUnique()
    {
        if (!IsUnique)
        {
            throw new InvalidOperationException(
                $"Index '{Name}' is not unique: Find gives all entries that there may be with a key.");
        }
    }
}
