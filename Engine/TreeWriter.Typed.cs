using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>
/// One tree of one write transaction by its keys and values, to change it and to read what it has become:
/// <c>tx.Open(tree)</c>. Passed by value. As <see cref="TreeWriter"/> it looks for the tree by each operation; if the
/// name means another tree by then, that one must have the same codecs.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <remarks>
/// Beside what the members of <see cref="TreeWriter"/> throw, every member throws <see cref="ArgumentException"/> for a
/// key or a value that has no encoding (nothing was changed), <see cref="InvalidEncodingException"/> for bytes that are
/// none, and <see cref="CodecMismatchException"/> if the name has come to mean a tree with other codecs.
/// </remarks>
/// <example>
/// <code>
/// var scores = db.GetTree&lt;string, int&gt;("scores");
/// using var tx = db.BeginWrite();
/// tx.CreateTree(scores);
/// tx.Open(scores).Put("ada", 42);
/// tx.Commit();
/// </code>
/// </example>
public readonly ref partial struct TreeWriter<TKey, TValue>
{
    private readonly WriteTransaction _transaction;
    private readonly Tree<TKey, TValue> _tree;
    private readonly long _rebinds;

    internal TreeWriter(WriteTransaction transaction, Tree<TKey, TValue> tree, long rebinds)
    {
        _transaction = transaction;
        _tree = tree;
        _rebinds = rebinds;
    }

    /// <summary>The same as bytes.</summary>
    public TreeWriter Untyped
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (_transaction is null)
            {
                ThrowDefault();
            }

            if (_transaction.Rebinds != _rebinds)
            {
                // The name may mean another tree now.
                _ = _transaction.Open(_tree);
            }

            return new TreeWriter(_transaction, _tree.Untyped);
        }
    }

    /// <summary>Entries of the tree, those that the transaction has written included. O(1).</summary>
    public long Count => Untyped.Count;

    /// <summary>The tree in numbers, as the transaction has it. O(1).</summary>
    public TreeStatistics GetStatistics() => Untyped.GetStatistics();

    /// <summary>Writes an entry, replacing the value if the key is there.</summary>
    /// <param name="key">The key; its encoding has at most <see cref="Database.MaxKeyLength"/> bytes.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="KeyTooLongException">The key is too long; nothing was changed.</exception>
    [SkipLocalsInit]
    public void Put(TKey key, TValue value)
    {
        var keyBytes = Tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length]);
        EncodingBuffer? buffer = null;
        try
        {
            // Encoded before the tree is looked at: an encoder may be anybody's code, and drop it.
            var valueBytes = _tree.ValueCodec.Encode(value, stackalloc byte[Scratch.Length], ref buffer);
            Untyped.Put(keyBytes, valueBytes);
        }
        finally
        {
            buffer?.Return();
        }
    }

    /// <summary>Writes an entry unless the key is there.</summary>
    /// <param name="key">As for <see cref="Put"/>.</param>
    /// <param name="value">The value.</param>
    /// <returns>False, with nothing changed, if the key is there.</returns>
    /// <exception cref="KeyTooLongException">The key is too long; nothing was changed.</exception>
    [SkipLocalsInit]
    public bool TryAdd(TKey key, TValue value)
    {
        var keyBytes = Tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length]);
        EncodingBuffer? buffer = null;
        try
        {
            var valueBytes = _tree.ValueCodec.Encode(value, stackalloc byte[Scratch.Length], ref buffer);
            return Untyped.TryAdd(keyBytes, valueBytes);
        }
        finally
        {
            buffer?.Return();
        }
    }

    /// <summary>Deletes an entry.</summary>
    /// <returns>Whether the key was there.</returns>
    [SkipLocalsInit]
    public bool Delete(TKey key) =>
        Untyped.Delete(_tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length]));

    /// <summary>Deletes the entries with from ≤ key &lt; to.</summary>
    /// <returns>How many entries there were.</returns>
    [SkipLocalsInit]
    public long DeleteRange(TKey from, TKey to) => Untyped.DeleteRange(
        _tree.KeyCodec.Encode(from, stackalloc byte[Scratch.Length]),
        _tree.KeyCodec.Encode(to, stackalloc byte[Scratch.Length]));

    /// <summary>Deletes the entries with key ≥ from.</summary>
    /// <returns>How many entries there were.</returns>
    [SkipLocalsInit]
    public long DeleteFrom(TKey from) =>
        Untyped.DeleteFrom(_tree.KeyCodec.Encode(from, stackalloc byte[Scratch.Length]));

    /// <summary>
    /// Deletes the entries whose keys begin with the bytes of another key: those that
    /// <see cref="TreeReader{TKey, TValue}.Prefix(TKey)"/> shows.
    /// </summary>
    /// <returns>How many entries there were.</returns>
    [SkipLocalsInit]
    public long DeletePrefix(TKey prefix) =>
        Untyped.DeletePrefix(_tree.KeyCodec.Encode(prefix, stackalloc byte[Scratch.Length]));

    /// <summary>Deletes the entries whose keys have the same first parts as another one.</summary>
    /// <param name="key">The key, of which only the first parts count.</param>
    /// <param name="parts">How many parts, from 1 to those of the codec.</param>
    /// <returns>How many entries there were.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Keys do not have so many parts.</exception>
    [SkipLocalsInit]
    public long DeletePrefix(TKey key, int parts) =>
        Untyped.DeletePrefix(_tree.KeyCodec.EncodeFirst(key, parts, stackalloc byte[Scratch.Length]));

    /// <summary>Deletes all entries of the tree, which stays, with its codecs.</summary>
    /// <returns>How many entries there were.</returns>
    public long Clear() => Untyped.Clear();

    /// <summary>Looks a key up.</summary>
    /// <returns>Whether the key is there.</returns>
    [SkipLocalsInit]
    public bool TryGet(TKey key, out TValue value)
    {
        // Copied, and decoded outside of the operation: a decoder may be anybody's code.
        var writer = Untyped;
        var keyBytes = _tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length]);
        Span<byte> bytes = stackalloc byte[Scratch.Length];
        switch (writer.TryGet(keyBytes, bytes, out var length))
        {
            case GetResult.Found:
                value = _tree.ValueCodec.Decode(bytes[..length]);
                return true;
            case GetResult.DestinationTooSmall:
                value = GetLarge(writer, keyBytes, length);
                return true;
            default:
                value = default!;
                return false;
        }
    }

    /// <summary>
    /// A value, or the default value of its type (null, zero) if the key is absent, which <see cref="TryGet"/> tells.
    /// </summary>
    public TValue? Get(TKey key) => TryGet(key, out var value) ? value : default;

    /// <summary>Whether a key is there. Does not touch the value.</summary>
    [SkipLocalsInit]
    public bool ContainsKey(TKey key) =>
        Untyped.ContainsKey(_tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length]));

    /// <summary>
    /// Loads all entries of a sequence, sorted or not, as <see cref="TreeWriter.BeginLoad"/> does. If the sequence
    /// throws, or a key or a value has no encoding, the transaction can only be aborted. Allocates the loader.
    /// </summary>
    /// <param name="entries">
    /// Keys and values; of equal keys the last one remains. The transaction must not be used by it, but to read.
    /// </param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>How many entries the sequence had.</returns>
    /// <exception cref="KeyTooLongException">A key is too long; the transaction can only be aborted.</exception>
    public long Load(IEnumerable<KeyValuePair<TKey, TValue>> entries, BulkLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(entries);
        using var loader = Untyped.BeginLoad(options);
        foreach (var (key, value) in entries)
        {
            Add(loader, key, value);
        }

        loader.Complete();
        return loader.Added;
    }

    private TValue GetLarge(TreeWriter writer, ReadOnlySpan<byte> key, int length)
    {
        var buffer = EncodingBuffer.Take();
        try
        {
            var bytes = buffer.GetSpan(length);
            return writer.TryGet(key, bytes, out length) == GetResult.Found
                ? _tree.ValueCodec.Decode(bytes[..length])
                : throw new InvalidOperationException("The transaction is used by two threads at the same time.");
        }
        finally
        {
            buffer.Return();
        }
    }

    [SkipLocalsInit]
    private void Add(BulkLoader loader, TKey key, TValue value)
    {
        var keyBytes = _tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length]);
        EncodingBuffer? buffer = null;
        try
        {
            loader.Add(keyBytes, _tree.ValueCodec.Encode(value, stackalloc byte[Scratch.Length], ref buffer));
        }
        finally
        {
            buffer?.Return();
        }
    }

    private Tree<TKey, TValue> Tree
    {
        get
        {
            if (_tree is null)
            {
                ThrowDefault();
            }

            return _tree;
        }
    }

    [DoesNotReturn]
    private static void ThrowDefault() =>
        throw new InvalidOperationException(
            "A default tree writer writes nothing. Get one from a write transaction: tx.Open(tree).");
}
