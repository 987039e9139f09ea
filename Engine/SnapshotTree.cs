using System.Diagnostics.CodeAnalysis;

namespace Engine;

/// <summary>
/// One tree of a snapshot, to look into from anywhere, also across <c>await</c>: each of its members is a read
/// transaction of its own, and what it gives is a copy. Who reads more at once begins a read transaction
/// (<see cref="Snapshot.BeginRead"/>) and copies nothing. Passed by value; thread-safe, as the snapshot is.
/// </summary>
/// <example>
/// <code>
/// using var snapshot = db.OpenSnapshot();
/// byte[]? before = snapshot[users].Get("ada"u8);
/// await Task.Delay(1000);
/// byte[]? after = snapshot[users].Get("ada"u8);   // the same, whatever was committed meanwhile
/// </code>
/// </example>
public readonly partial struct SnapshotTree : IEquatable<SnapshotTree>
{
    private readonly Snapshot _snapshot;
    private readonly Tree _tree;

    internal SnapshotTree(Snapshot snapshot, Tree tree)
    {
        _snapshot = snapshot;
        _tree = tree;
    }

    /// <summary>The tree's name.</summary>
    public Tree Tree
    {
        get
        {
            RequireSnapshot();
            return _tree;
        }
    }

    /// <summary>Entries. O(1).</summary>
    /// <exception cref="TreeNotFoundException">The state has no such tree.</exception>
    public long Count
    {
        get
        {
            using var read = Begin();
            return read[_tree].Count;
        }
    }

    /// <summary>Whether both are the same tree of the same snapshot.</summary>
    public static bool operator ==(SnapshotTree left, SnapshotTree right) => left.Equals(right);

    /// <summary>Whether they are different trees, or trees of different snapshots.</summary>
    public static bool operator !=(SnapshotTree left, SnapshotTree right) => !left.Equals(right);

    /// <summary>
    /// A copy of a value, or null if the key is absent: a read transaction of its own for one key. Who reads more at
    /// once begins one. Allocates the copy; <see cref="TryGet"/> does not.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <exception cref="TreeNotFoundException">The state has no such tree.</exception>
    /// <exception cref="DatabaseCorruptException">A page on the way to the key is damaged.</exception>
    /// <exception cref="ObjectDisposedException">The snapshot was disposed, or the database was closed.</exception>
    public byte[]? Get(ReadOnlySpan<byte> key)
    {
        using var read = Begin();
        return read[_tree].Get(key);
    }

    /// <summary>
    /// Copies a value into memory of the caller's, in a read transaction of its own. Allocates nothing.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="destination">
    /// Gets the value, from its first byte on; stays as it is unless the result is <see cref="GetResult.Found"/>.
    /// </param>
    /// <param name="valueLength">
    /// Length of the value in bytes, also when the destination is too small for it; zero if the key is absent. What was
    /// copied is <c>destination[..valueLength]</c>.
    /// </param>
    /// <returns>
    /// Whether the value was found and copied; a value that does not fit is not taken for an absent one.
    /// </returns>
    /// <exception cref="TreeNotFoundException">The state has no such tree.</exception>
    /// <exception cref="DatabaseCorruptException">A page on the way to the key is damaged.</exception>
    /// <exception cref="ObjectDisposedException">The snapshot was disposed, or the database was closed.</exception>
    public GetResult TryGet(ReadOnlySpan<byte> key, Span<byte> destination, out int valueLength)
    {
        using var read = Begin();
        var isFound = read[_tree].TryGet(key, out var value);
        return Copied.To(destination, isFound, value, out valueLength);
    }

    /// <summary>Whether the state has a key. Does not touch the value.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="TreeNotFoundException">The state has no such tree.</exception>
    public bool ContainsKey(ReadOnlySpan<byte> key)
    {
        using var read = Begin();
        return read[_tree].ContainsKey(key);
    }

    /// <summary>
    /// All entries as copies, ascending, for LINQ and tests; read in pieces as the enumeration goes on. It throws what
    /// the pieces throw: <see cref="TreeNotFoundException"/>, <see cref="DatabaseCorruptException"/>, <see
    /// cref="ObjectDisposedException"/>.
    /// </summary>
    public IEnumerable<KeyValuePair<byte[], byte[]>> All() => Enumerate([], null, RangeEnd.None);

    /// <summary>The entries with from ≤ key &lt; to, as <see cref="All"/> gives them.</summary>
    public IEnumerable<KeyValuePair<byte[], byte[]>> Range(byte[] from, byte[] to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        return Enumerate(from, to, RangeEnd.Below);
    }

    /// <summary>The entries with key ≥ from, as <see cref="All"/> gives them.</summary>
    public IEnumerable<KeyValuePair<byte[], byte[]>> From(byte[] from)
    {
        ArgumentNullException.ThrowIfNull(from);
        return Enumerate(from, null, RangeEnd.None);
    }

    /// <summary>The entries with key &lt; to, as <see cref="All"/> gives them.</summary>
    public IEnumerable<KeyValuePair<byte[], byte[]>> Until(byte[] to)
    {
        ArgumentNullException.ThrowIfNull(to);
        return Enumerate([], to, RangeEnd.Below);
    }

    /// <summary>The entries whose keys begin with a prefix, as <see cref="All"/> gives them.</summary>
    public IEnumerable<KeyValuePair<byte[], byte[]>> Prefix(byte[] prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return Enumerate(prefix, prefix, RangeEnd.Prefix);
    }

    /// <inheritdoc/>
    public bool Equals(SnapshotTree other) => ReferenceEquals(_snapshot, other._snapshot) && Equals(_tree, other._tree);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SnapshotTree other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_snapshot, _tree);

    private IEnumerable<KeyValuePair<byte[], byte[]>> Enumerate(byte[] from, byte[]? to, RangeEnd end)
    {
        const int PieceSize = 100;
        var piece = new List<KeyValuePair<byte[], byte[]>>(PieceSize);
        byte[]? last = null;
        do
        {
            piece.Clear();
            ReadPiece(from, to, end, last, piece, PieceSize);

            // A copy: the arrays belong to whoever gets them.
            last = piece.Count == 0 ? null : [.. piece[^1].Key];
            foreach (var entry in piece)
            {
                yield return entry;
            }
        }
        while (piece.Count == PieceSize);
    }

    private void ReadPiece(
        byte[] from, byte[]? to, RangeEnd end, byte[]? last, List<KeyValuePair<byte[], byte[]>> piece, int size)
    {
        using var read = Begin();
        var reader = read[_tree];
        var range = end switch
        {
            RangeEnd.None => reader.From(from),
            RangeEnd.Below => reader.Range(from, to),
            _ => reader.Prefix(from),
        };
        foreach (var (key, value) in (last is null ? range : range.After(last)).Take(size))
        {
            piece.Add(new(key.ToArray(), value.ToArray()));
        }
    }

    private ReadTransaction Begin()
    {
        RequireSnapshot();
        return _snapshot.BeginRead();
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
            "A default snapshot tree reads nothing. Get one from a snapshot: snapshot.Main, or snapshot[tree].");
}
