using System.Diagnostics.CodeAnalysis;

namespace Engine;

/// <summary>
/// One multi-valued tree of a snapshot, to look into from anywhere, also across <c>await</c>: each of its members is a
/// read transaction of its own, and what it gives is a copy, as with <see cref="SnapshotTree"/>. Passed by value;
/// thread-safe, as the snapshot is.
/// </summary>
/// <remarks>
/// Every member throws <see cref="TreeNotFoundException"/> if the state has no such tree,
/// <see cref="TreeOptionsException"/> if it is no multi-valued one, <see cref="DatabaseCorruptException"/> if a page on
/// the way is damaged, and <see cref="ObjectDisposedException"/> if the snapshot was disposed or the database closed.
/// </remarks>
public readonly partial struct SnapshotMultiTree : IEquatable<SnapshotMultiTree>
{
    private readonly Snapshot _snapshot;
    private readonly MultiTree _tree;

    internal SnapshotMultiTree(Snapshot snapshot, MultiTree tree)
    {
        _snapshot = snapshot;
        _tree = tree;
    }

    /// <summary>The tree's name.</summary>
    public MultiTree Tree
    {
        get
        {
            RequireSnapshot();
            return _tree;
        }
    }

    /// <summary>Pairs. O(1).</summary>
    public long Count
    {
        get
        {
            using var read = Begin();
            return read[_tree].Count;
        }
    }

    /// <summary>Whether both are the same tree of the same snapshot.</summary>
    public static bool operator ==(SnapshotMultiTree left, SnapshotMultiTree right) => left.Equals(right);

    /// <summary>Whether they are different trees, or trees of different snapshots.</summary>
    public static bool operator !=(SnapshotMultiTree left, SnapshotMultiTree right) => !left.Equals(right);

    /// <summary>Whether the state has a pair.</summary>
    public bool Contains(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        using var read = Begin();
        return read[_tree].Contains(key, value);
    }

    /// <summary>Whether a key has any value.</summary>
    public bool ContainsKey(ReadOnlySpan<byte> key)
    {
        using var read = Begin();
        return read[_tree].ContainsKey(key);
    }

    /// <summary>How many values a key has, as <see cref="MultiTreeReader.CountValues"/>.</summary>
    public long CountValues(ReadOnlySpan<byte> key)
    {
        using var read = Begin();
        return read[_tree].CountValues(key);
    }

    /// <summary>Copies of the values of a key, ascending. Allocates them.</summary>
    public byte[][] GetValues(ReadOnlySpan<byte> key)
    {
        using var read = Begin();
        var values = new List<byte[]>();
        foreach (var value in read[_tree].Values(key))
        {
            values.Add(value.ToArray());
        }

        return [.. values];
    }

    /// <summary>
    /// All pairs as copies, ascending, for LINQ and tests; read in pieces as the enumeration goes on.
    /// </summary>
    public IEnumerable<KeyValuePair<byte[], byte[]>> All()
    {
        const int PieceSize = 100;
        KeyValuePair<byte[], byte[]>[] piece;
        KeyValuePair<byte[], byte[]>? last = null;
        do
        {
            piece = ReadPiece(last, PieceSize);
            if (piece.Length > 0)
            {
                // Copies: the arrays belong to whoever gets them.
                last = new([.. piece[^1].Key], [.. piece[^1].Value]);
            }

            foreach (var pair in piece)
            {
                yield return pair;
            }
        }
        while (piece.Length == PieceSize);
    }

    /// <inheritdoc/>
    public bool Equals(SnapshotMultiTree other) =>
        ReferenceEquals(_snapshot, other._snapshot) && Equals(_tree, other._tree);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SnapshotMultiTree other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_snapshot, _tree);

    private KeyValuePair<byte[], byte[]>[] ReadPiece(KeyValuePair<byte[], byte[]>? last, int size)
    {
        using var read = Begin();
        var pairs = new List<KeyValuePair<byte[], byte[]>>(size);
        var range = read[_tree].All();
        if (last is { } behind)
        {
            range = range.After(behind.Key, behind.Value);
        }

        foreach (var (key, value) in range.Take(size))
        {
            pairs.Add(new(key.ToArray(), value.ToArray()));
        }

        return [.. pairs];
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
            "A default snapshot tree reads nothing. Get one from a snapshot: snapshot[tree].");
}
