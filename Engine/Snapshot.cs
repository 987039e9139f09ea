using Engine.Transactions;

namespace Engine;

/// <summary>
/// Keeps one state of the database readable across <c>await</c> and threads. Read transactions on it all see that
/// state. While it lives, pages of its state are not reused (others are). Thread-safe.
/// </summary>
/// <example>
/// <code>
/// using var snapshot = db.OpenSnapshot();
/// byte[]? before = snapshot.Get(db.Main, "alice"u8);
/// await Task.Delay(1000);
/// byte[]? after = snapshot.Get(db.Main, "alice"u8);   // the same, whatever was committed meanwhile
/// </code>
/// </example>
public sealed class Snapshot : IDisposable, IAsyncDisposable
{
    private readonly Database _database;
    private readonly SharedPin _pin;
    private readonly TransactionToken? _token;
    private int _isDisposed;

    internal Snapshot(Database database, SharedPin pin, TransactionToken? token)
    {
        _token = token;
        _database = database;
        _pin = pin;
        TransactionId = pin.State.Id;
    }

    /// <summary>Id of the transaction whose state this is.</summary>
    public ulong TransactionId { get; }

    internal PublishedState State => _pin.State;

    /// <summary>
    /// Begins to read this state. A read transaction that is open keeps the state, even when the snapshot is disposed
    /// before it.
    /// </summary>
    public ReadTransaction BeginRead()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        var token = _database.Track(TransactionKind.Read);
        var context = _pin.BeginRead(out var epoch);
        token?.Begin(TransactionId);
        return new ReadTransaction(_database, context, epoch, token);
    }

    /// <summary>
    /// A copy of a value, or null if the key is absent: a read transaction of its own for one key. Who reads more at
    /// once begins one. Allocates the copy; <see cref="TryGet"/> does not.
    /// </summary>
    /// <param name="tree">The tree.</param>
    /// <param name="key">The key.</param>
    /// <exception cref="TreeNotFoundException">The state has no such tree.</exception>
    /// <exception cref="DatabaseCorruptException">A page on the way to the key is damaged.</exception>
    /// <exception cref="ObjectDisposedException">The snapshot was disposed, or the database was closed.</exception>
    public byte[]? Get(Tree tree, ReadOnlySpan<byte> key)
    {
        using var read = BeginRead();
        return read[tree].Get(key);
    }

    /// <summary>
    /// Copies a value into memory of the caller's, in a read transaction of its own. Allocates nothing.
    /// </summary>
    /// <param name="tree">The tree.</param>
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
    public GetResult TryGet(Tree tree, ReadOnlySpan<byte> key, Span<byte> destination, out int valueLength)
    {
        using var read = BeginRead();
        var isFound = read[tree].TryGet(key, out var value);
        return Copied.To(destination, isFound, value, out valueLength);
    }

    /// <summary>Whether the state has a key. Does not touch the value.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="key">The key.</param>
    /// <exception cref="TreeNotFoundException">The state has no such tree.</exception>
    public bool ContainsKey(Tree tree, ReadOnlySpan<byte> key)
    {
        using var read = BeginRead();
        return read[tree].ContainsKey(key);
    }

    /// <summary>Whether the state has a tree of the handle's name. The default tree always exists.</summary>
    public bool TreeExists(Tree tree)
    {
        using var read = BeginRead();
        return read.TreeExists(tree);
    }

    /// <summary>
    /// The entries of a tree with from ≤ key &lt; to as copies, ascending, for LINQ and tests; read in pieces as the
    /// enumeration goes on.
    /// </summary>
    /// <param name="tree">Null: the default tree.</param>
    /// <param name="from">Null: from the first key.</param>
    /// <param name="to">Null: up to the last key.</param>
    public IEnumerable<KeyValuePair<byte[], byte[]>> Enumerate(
        Tree? tree = null, byte[]? from = null, byte[]? to = null)
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
            _token?.End();
        }
    }

    /// <summary>As <see cref="Dispose"/>, for <c>await using</c>: there is nothing to wait for.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
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
