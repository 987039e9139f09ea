namespace Engine;

#pragma warning disable RS0026 // The overloads are told apart by what they require, whatever is left out.

/// <summary>
/// Entries of one tree by an index, as copies: <c>snapshot.Open(index)</c>, to look into from anywhere, also across
/// <c>await</c>, and <c>tx.Open(index)</c>, which sees what the transaction has written. Ranges are read in pieces as
/// the enumeration goes on; within a write transaction each piece begins behind the last one, whatever was written
/// meanwhile. As thread-safe as what it was opened on. Who reads much without copying uses
/// <c>snapshot.BeginRead()</c>, or the callback of <see cref="WriteTransaction.Read{TState, TResult}"/>, and
/// <c>read.Open(index)</c> there.
/// </summary>
/// <typeparam name="TIndexKey">The type of the index's keys.</typeparam>
/// <typeparam name="TKey">The type of the tree's keys.</typeparam>
/// <typeparam name="TValue">The type of the tree's values.</typeparam>
/// <remarks>
/// Every member throws what those of <see cref="IndexReader{TIndexKey, TKey, TValue}"/> throw, and
/// <see cref="ObjectDisposedException"/> when the snapshot was disposed, or the transaction has ended.
/// </remarks>
public sealed class IndexView<TIndexKey, TKey, TValue>
{
    private const int PieceSize = 100;

    private readonly Snapshot? _snapshot;
    private readonly WriteTransaction? _transaction;
    private readonly TreeIndex<TIndexKey, TKey, TValue> _index;

    internal IndexView(Snapshot snapshot, TreeIndex<TIndexKey, TKey, TValue> index)
    {
        _snapshot = snapshot;
        _index = index;
    }

    internal IndexView(WriteTransaction transaction, TreeIndex<TIndexKey, TKey, TValue> index)
    {
        _transaction = transaction;
        _index = index;
    }

    private delegate TResult Look<TState, out TResult>(
        scoped IndexReader<TIndexKey, TKey, TValue> reader, TState state);

    /// <summary>Entries of the index. O(1).</summary>
    public long Count => Read(0, static (reader, _) => reader.Count);

    /// <inheritdoc cref="IndexReader{TIndexKey, TKey, TValue}.TryGet"/>
    public bool TryGet(TIndexKey indexKey, out TKey key, out TValue value)
    {
        (var isFound, key, value) = Read(indexKey, static (reader, indexKey) =>
            (reader.TryGet(indexKey, out var key, out var value), key, value));
        return isFound;
    }

    /// <inheritdoc cref="IndexReader{TIndexKey, TKey, TValue}.TryGetKey"/>
    public bool TryGetKey(TIndexKey indexKey, out TKey key)
    {
        (var isFound, key) = Read(
            indexKey, static (reader, indexKey) => (reader.TryGetKey(indexKey, out var key), key));
        return isFound;
    }

    /// <summary>Whether there is an entry with a key of the index.</summary>
    public bool ContainsKey(TIndexKey indexKey) =>
        Read(indexKey, static (reader, indexKey) => reader.ContainsKey(indexKey));

    /// <summary>All entries with a key of the index, in the order of their own keys.</summary>
    /// <param name="indexKey">The key in the index.</param>
    /// <param name="descending">Whether the last one comes first.</param>
    public IEnumerable<(TIndexKey IndexKey, TKey Key, TValue Value)> Find(
        TIndexKey indexKey, bool descending = false) => Enumerate(_index.Find(indexKey), descending);

    /// <summary>All entries.</summary>
    /// <param name="descending">Whether the last one comes first.</param>
    public IEnumerable<(TIndexKey IndexKey, TKey Key, TValue Value)> All(bool descending = false) =>
        Enumerate(default, descending);

    /// <summary>The entries with from ≤ key in the index &lt; to.</summary>
    /// <param name="from">The first key of the range.</param>
    /// <param name="to">The first key behind the range.</param>
    /// <param name="descending">Whether the last one comes first.</param>
    public IEnumerable<(TIndexKey IndexKey, TKey Key, TValue Value)> Range(
        TIndexKey from, TIndexKey to, bool descending = false) => Enumerate(_index.Range(from, to), descending);

    /// <summary>The entries with key in the index ≥ from.</summary>
    /// <param name="from">The first key of the range.</param>
    /// <param name="descending">Whether the last one comes first.</param>
    public IEnumerable<(TIndexKey IndexKey, TKey Key, TValue Value)> From(TIndexKey from, bool descending = false) =>
        Enumerate(_index.From(from), descending);

    /// <summary>The entries with key in the index &lt; to.</summary>
    /// <param name="to">The first key behind the range.</param>
    /// <param name="descending">Whether the last one comes first.</param>
    public IEnumerable<(TIndexKey IndexKey, TKey Key, TValue Value)> Until(TIndexKey to, bool descending = false) =>
        Enumerate(default(IndexBounds).Before(_index.Bound(to)), descending);

    /// <summary>The entries with key in the index ≤ to.</summary>
    /// <param name="to">The last key of the range.</param>
    /// <param name="descending">Whether the last one comes first.</param>
    public IEnumerable<(TIndexKey IndexKey, TKey Key, TValue Value)> Through(TIndexKey to, bool descending = false) =>
        Enumerate(_index.Through(default, to), descending);

    /// <summary>
    /// The entries whose keys in the index begin with the bytes of another one: strings and byte arrays that begin with
    /// this one.
    /// </summary>
    /// <param name="prefix">What they begin with.</param>
    /// <param name="descending">Whether the last one comes first.</param>
    public IEnumerable<(TIndexKey IndexKey, TKey Key, TValue Value)> Prefix(
        TIndexKey prefix, bool descending = false) => Enumerate(_index.Prefix(prefix), descending);

    /// <summary>The entries whose keys in the index have the same first parts as another one.</summary>
    /// <param name="indexKey">The key in the index, of which only the first parts count.</param>
    /// <param name="parts">How many parts, from 1 to those of the index's codec.</param>
    /// <param name="descending">Whether the last one comes first.</param>
    /// <exception cref="ArgumentOutOfRangeException">Keys do not have so many parts.</exception>
    public IEnumerable<(TIndexKey IndexKey, TKey Key, TValue Value)> Prefix(
        TIndexKey indexKey, int parts, bool descending = false) =>
        Enumerate(_index.Prefix(indexKey, parts), descending);

    private IEnumerable<(TIndexKey IndexKey, TKey Key, TValue Value)> Enumerate(IndexBounds bounds, bool isDescending)
    {
        var piece = new List<(TIndexKey IndexKey, TKey Key, TValue Value)>(PieceSize);
        do
        {
            piece.Clear();
            bounds = Read((piece, bounds, isDescending), static (reader, state) =>
                ReadPiece(reader, state.piece, state.bounds, state.isDescending));
            foreach (var entry in piece)
            {
                yield return entry;
            }
        }
        while (piece.Count == PieceSize);
    }

    /// <summary>Reads some entries of a range.</summary>
    /// <returns>The rest of the range.</returns>
    private static IndexBounds ReadPiece(
        scoped IndexReader<TIndexKey, TKey, TValue> reader,
        List<(TIndexKey IndexKey, TKey Key, TValue Value)> piece,
        IndexBounds bounds,
        bool isDescending)
    {
        EncodedBound last = default;
        if (isDescending)
        {
            foreach (var entry in reader.New(bounds).Reverse().Take(PieceSize))
            {
                Add(entry, piece, out last);
            }

            return piece.Count == 0 ? bounds : bounds.Before(last);
        }

        foreach (var entry in reader.New(bounds).Take(PieceSize))
        {
            Add(entry, piece, out last);
        }

        return piece.Count == 0 ? bounds : bounds.After(last, isExcluded: true);
    }

    private static void Add(
        IndexEntry<TIndexKey, TKey, TValue> entry,
        List<(TIndexKey IndexKey, TKey Key, TValue Value)> piece,
        out EncodedBound last)
    {
        var (indexKey, key, value) = entry;
        piece.Add((indexKey, key, value));
        last = new EncodedBound(entry.IndexBytes);
    }

    private TResult Read<TState, TResult>(TState state, Look<TState, TResult> look)
    {
        if (_transaction is { } transaction)
        {
            return transaction.Read(
                (_index, state, look),
                static (read, state) => state.look(read.Open(state._index), state.state));
        }

        using var snapshot = _snapshot!.BeginRead();
        return look(snapshot.Open(_index), state);
    }
}
