using Engine.Transactions;

namespace Engine;

/// <summary>
/// Keeps one state of the database readable across <c>await</c> and threads. Read transactions on it all see that state. While it lives, pages of its state are
/// not reused (others are). Thread-safe.
/// </summary>
public sealed class Snapshot : IDisposable
{
    private readonly Database _database;
    private readonly SharedPin _pin;
    private int _isDisposed;

    internal Snapshot(Database database, SharedPin pin)
    {
        _database = database;
        _pin = pin;
        TransactionId = pin.State.Id;
    }

    /// <summary>Id of the transaction whose state this is.</summary>
    public ulong TransactionId { get; }

    internal PublishedState State => _pin.State;

    /// <summary>Begins to read this state. A read transaction that is open keeps the state, even when the snapshot is disposed before it.</summary>
    public ReadTransaction BeginRead()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        var context = _pin.BeginRead(out var epoch);
        return new ReadTransaction(_database, context, epoch);
    }

    /// <summary>The entries of a tree with from ≤ key &lt; to as copies, ascending, for LINQ and tests; read in pieces as the enumeration goes on.</summary>
    /// <param name="tree">Null: the default tree.</param>
    /// <param name="from">Null: from the first key.</param>
    /// <param name="to">Null: up to the last key.</param>
    public IEnumerable<KeyValuePair<byte[], byte[]>> Enumerate(Tree? tree = null, byte[]? from = null, byte[]? to = null)
    {
        const int PieceSize = 100;
        var piece = new List<KeyValuePair<byte[], byte[]>>(PieceSize);
        var next = from ?? [];
        while (true)
        {
            ReadPiece(tree ?? _database.Main, next, to, piece, PieceSize);
            foreach (var entry in piece)
            {
                yield return entry;
            }

            if (piece.Count < PieceSize)
            {
                yield break;
            }

            // The smallest key above the last one.
            next = [.. piece[^1].Key, 0];
        }
    }

    /// <summary>Gives the state up. Disposing again does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _pin.Release();
        }
    }

    private void ReadPiece(Tree tree, byte[] from, byte[]? to, List<KeyValuePair<byte[], byte[]>> piece, int size)
    {
        piece.Clear();
        using var read = BeginRead();
        var reader = read[tree];
        foreach (var (key, value) in to is null ? reader.From(from) : reader.Range(from, to))
        {
            piece.Add(new(key.ToArray(), value.ToArray()));
            if (piece.Count == size)
            {
                return;
            }
        }
    }
}
