using System.Diagnostics.CodeAnalysis;

namespace Engine;

/// <summary>
/// One expiring tree of a snapshot, to look into from anywhere, also across <c>await</c>: each of its members is a read
/// transaction of its own, and what it gives is a copy, as with <see cref="SnapshotTree"/>. The state stays as it is,
/// but the time does not stand still: what expires meanwhile is not shown any more. Passed by value; thread-safe, as
/// the snapshot is.
/// </summary>
/// <remarks>
/// Every member throws <see cref="TreeNotFoundException"/> if the state has no such tree,
/// <see cref="TreeOptionsException"/> if it is no expiring one, <see cref="DatabaseCorruptException"/> if a page on the
/// way is damaged, and <see cref="ObjectDisposedException"/> if the snapshot was disposed or the database closed.
/// </remarks>
public readonly struct SnapshotExpiringTree : IEquatable<SnapshotExpiringTree>
{
    private readonly Snapshot _snapshot;
    private readonly ExpiringTree _tree;

    internal SnapshotExpiringTree(Snapshot snapshot, ExpiringTree tree)
    {
        _snapshot = snapshot;
        _tree = tree;
    }

    /// <summary>The tree's name.</summary>
    public ExpiringTree Tree
    {
        get
        {
            RequireSnapshot();
            return _tree;
        }
    }

    /// <inheritdoc cref="ExpiringTreeReader.CountWithExpired"/>
    public long CountWithExpired
    {
        get
        {
            using var read = Begin();
            return read[_tree].CountWithExpired;
        }
    }

    /// <inheritdoc cref="ExpiringTreeReader.NextExpiry"/>
    public DateTimeOffset? NextExpiry
    {
        get
        {
            using var read = Begin();
            return read[_tree].NextExpiry;
        }
    }

    /// <summary>Whether both are the same tree of the same snapshot.</summary>
    public static bool operator ==(SnapshotExpiringTree left, SnapshotExpiringTree right) => left.Equals(right);

    /// <summary>Whether they are different trees, or trees of different snapshots.</summary>
    public static bool operator !=(SnapshotExpiringTree left, SnapshotExpiringTree right) => !left.Equals(right);

    /// <summary>A copy of a value, or null if the key is absent or has expired. Allocates it.</summary>
    public byte[]? Get(ReadOnlySpan<byte> key) => Get(key, out _);

    /// <summary>A copy of a value, and when it expires. Allocates it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expiresAt">The time, in UTC, to the millisecond; null: never, or there is no such entry.</param>
    /// <returns>The copy, or null if the key is absent or has expired.</returns>
    public byte[]? Get(ReadOnlySpan<byte> key, out DateTimeOffset? expiresAt)
    {
        using var read = Begin();
        return read[_tree].TryGet(key, out var value, out expiresAt) ? value.ToArray() : null;
    }

    /// <summary>Whether a key is there and has not expired.</summary>
    public bool ContainsKey(ReadOnlySpan<byte> key)
    {
        using var read = Begin();
        return read[_tree].ContainsKey(key);
    }

    /// <summary>
    /// All entries that have not expired as copies, ascending, for LINQ and tests; read in pieces as the enumeration
    /// goes on, each with the time of its own.
    /// </summary>
    public IEnumerable<KeyValuePair<byte[], byte[]>> All()
    {
        const int PieceSize = 100;
        KeyValuePair<byte[], byte[]>[] piece;
        byte[]? last = null;
        do
        {
            piece = ReadPiece(last, PieceSize);
            if (piece.Length > 0)
            {
                // A copy: the array belongs to whoever gets it.
                last = [.. piece[^1].Key];
            }

            foreach (var entry in piece)
            {
                yield return entry;
            }
        }
        while (piece.Length == PieceSize);
    }

    /// <inheritdoc/>
    public bool Equals(SnapshotExpiringTree other) =>
        ReferenceEquals(_snapshot, other._snapshot) && Equals(_tree, other._tree);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SnapshotExpiringTree other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_snapshot, _tree);

    private KeyValuePair<byte[], byte[]>[] ReadPiece(byte[]? last, int size)
    {
        using var read = Begin();
        var entries = new List<KeyValuePair<byte[], byte[]>>(size);
        var range = read[_tree].All();
        if (last is not null)
        {
            range = range.After(last);
        }

        foreach (var (key, value) in range.Take(size))
        {
            entries.Add(new(key.ToArray(), value.ToArray()));
        }

        return [.. entries];
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
