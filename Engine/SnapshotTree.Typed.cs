using System.Diagnostics.CodeAnalysis;

namespace Engine;

/// <summary>
/// One tree of a snapshot by its keys and values, to look into from anywhere, also across <c>await</c>:
/// <c>snapshot.Open(tree)</c>. As <see cref="SnapshotTree"/>, each of its members is a read transaction of its own.
/// Passed by value; thread-safe.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <remarks>
/// Every member throws <see cref="ArgumentException"/> for a key that has no encoding,
/// <see cref="InvalidEncodingException"/> for bytes that are none, <see cref="DatabaseCorruptException"/>, and
/// <see cref="ObjectDisposedException"/> when the snapshot was disposed.
/// </remarks>
public readonly partial struct SnapshotTree<TKey, TValue> : IEquatable<SnapshotTree<TKey, TValue>>
{
    private readonly Snapshot _snapshot;
    private readonly Tree<TKey, TValue> _tree;

    internal SnapshotTree(Snapshot snapshot, Tree<TKey, TValue> tree)
    {
        _snapshot = snapshot;
        _tree = tree;
    }

    /// <summary>The same as bytes.</summary>
    public SnapshotTree Untyped
    {
        get
        {
            RequireSnapshot();
            return _snapshot[_tree.Untyped];
        }
    }

    /// <summary>Entries. O(1).</summary>
    public long Count => Untyped.Count;

    /// <summary>Whether both are the same tree of the same snapshot.</summary>
    public static bool operator ==(SnapshotTree<TKey, TValue> left, SnapshotTree<TKey, TValue> right) =>
        left.Equals(right);

    /// <summary>Whether they are different trees, or trees of different snapshots.</summary>
    public static bool operator !=(SnapshotTree<TKey, TValue> left, SnapshotTree<TKey, TValue> right) =>
        !left.Equals(right);

    /// <summary>Looks a key up.</summary>
    /// <returns>Whether the key is there.</returns>
    public bool TryGet(TKey key, out TValue value)
    {
        RequireSnapshot();
        using var read = _snapshot.BeginRead();
        return read.Open(_tree).TryGet(key, out value);
    }

    /// <summary>
    /// A value, or the default value of its type (null, zero) if the key is absent, which <see cref="TryGet"/> tells.
    /// </summary>
    public TValue? Get(TKey key) => TryGet(key, out var value) ? value : default;

    /// <summary>Whether the state has a key. Does not touch the value.</summary>
    public bool ContainsKey(TKey key)
    {
        RequireSnapshot();
        using var read = _snapshot.BeginRead();
        return read.Open(_tree).ContainsKey(key);
    }

    /// <summary>All entries, ascending, for LINQ and tests; read in pieces as the enumeration goes on.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> All() => Decode(Untyped.All());

    /// <summary>The entries with from ≤ key &lt; to, as <see cref="All"/> gives them.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> Range(TKey from, TKey to) =>
        Decode(Untyped.Range(_tree.KeyCodec.Encode(from), _tree.KeyCodec.Encode(to)));

    /// <summary>The entries with key ≥ from, as <see cref="All"/> gives them.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> From(TKey from) =>
        Decode(Untyped.From(_tree.KeyCodec.Encode(from)));

    /// <summary>The entries with key &lt; to, as <see cref="All"/> gives them.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> Until(TKey to) =>
        Decode(Untyped.Until(_tree.KeyCodec.Encode(to)));

    /// <summary>
    /// The entries whose keys begin with the bytes of another key, as <see cref="All"/> gives them: strings and byte
    /// arrays that begin with this one.
    /// </summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> Prefix(TKey prefix) =>
        Decode(Untyped.Prefix(_tree.KeyCodec.Encode(prefix)));

    /// <summary>
    /// The entries whose keys have the same first parts as another one, as <see cref="All"/> gives them.
    /// </summary>
    /// <param name="key">The key, of which only the first parts count.</param>
    /// <param name="parts">How many parts, from 1 to those of the codec.</param>
    /// <exception cref="ArgumentOutOfRangeException">Keys do not have so many parts.</exception>
    public IEnumerable<KeyValuePair<TKey, TValue>> Prefix(TKey key, int parts) =>
        Decode(Untyped.Prefix(_tree.KeyCodec.EncodeFirst(key, parts, default).ToArray()));

    /// <inheritdoc/>
    public bool Equals(SnapshotTree<TKey, TValue> other) =>
        ReferenceEquals(_snapshot, other._snapshot) && ReferenceEquals(_tree, other._tree);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SnapshotTree<TKey, TValue> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_snapshot, _tree);

    private IEnumerable<KeyValuePair<TKey, TValue>> Decode(IEnumerable<KeyValuePair<byte[], byte[]>> entries)
    {
        var tree = _tree;
        return entries.Select(entry => KeyValuePair.Create(
            tree.KeyCodec.Decode(entry.Key), tree.ValueCodec.Decode(entry.Value)));
    }

    private void RequireSnapshot()
    {
        if (_snapshot is null)
        {
            ThrowDefault();
        }
    }

    [DoesNotReturn]
    private static void ThrowDefault() =>
        throw new InvalidOperationException(
            "A default snapshot tree reads nothing. Get one from a snapshot: snapshot.Open(tree).");
}
