using Engine.Transactions;

namespace Engine;

/// <summary>
/// Keeps one state of the database readable across <c>await</c> and threads. Read transactions on it all see that
/// state. While it lives, pages of its state are not reused (others are). Thread-safe.
/// </summary>
/// <example>
/// <code>
/// using var snapshot = db.OpenSnapshot();
/// byte[]? before = snapshot.Main.Get("alice"u8);
/// await Task.Delay(1000);
/// byte[]? after = snapshot.Main.Get("alice"u8);   // the same, whatever was committed meanwhile
/// </code>
/// </example>
public sealed partial class Snapshot : IDisposable, IAsyncDisposable
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

    /// <summary>
    /// What the snapshot is for, so that <see cref="Database.GetReaders"/> can tell who keeps pages from being reused.
    /// At first the name of a named snapshot, and null of any other. Shared by what shares the pinned state: backups of
    /// the snapshot and read transactions on it.
    /// </summary>
    public string? Tag
    {
        get => _pin.Tag;
        set => _pin.Tag = value;
    }

    internal Database Database => _database;

    internal PublishedState State => _pin.State;

    internal SharedPin Pin => _pin;

    /// <summary>
    /// Begins to read this state. A read transaction that is open keeps the state, even when the snapshot is disposed
    /// before it.
    /// </summary>
    public ReadTransaction BeginRead()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        var token = _database.Track(TransactionKind.Read);
        var context = _pin.BeginRead(out var epoch);
        token?.Begin(TransactionId, _pin.Slot);
        return new ReadTransaction(_database, context, epoch, token);
    }

    /// <summary>The default tree as this state has it: short for <c>snapshot[db.Main]</c>.</summary>
    public SnapshotTree Main => new(this, _database.Main);

    /// <summary>A tree as this state has it. It is looked for by its operations, not here.</summary>
    /// <param name="tree">The tree's name.</param>
    /// <exception cref="ArgumentException">The handle is one of another database.</exception>
    public SnapshotTree this[Tree tree]
    {
        get
        {
            _database.CheckOwn(tree);
            return new SnapshotTree(this, tree);
        }
    }

    /// <summary>
    /// A tree as this state has it, by its name: short for <c>snapshot[db.GetTree(name)]</c>. It is looked for by its
    /// operations, not here.
    /// </summary>
    /// <param name="name">The tree's name.</param>
    /// <exception cref="KeyTooLongException">No tree has so long a name.</exception>
    /// <exception cref="ArgumentException">The name is empty or no whole characters.</exception>
    public SnapshotTree this[string name] => this[_database.GetTree(name)];

    /// <summary>A multi-valued tree as this state has it. It is looked for by its operations, not here.</summary>
    /// <param name="tree">The tree's name.</param>
    /// <exception cref="ArgumentException">The handle is one of another database.</exception>
    public SnapshotMultiTree this[MultiTree tree]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(tree);
            _database.CheckOwn(tree.Pairs);
            return new SnapshotMultiTree(this, tree);
        }
    }

    /// <summary>An expiring tree as this state has it. It is looked for by its operations, not here.</summary>
    /// <param name="tree">The tree's name.</param>
    /// <exception cref="ArgumentException">The handle is one of another database.</exception>
    public SnapshotExpiringTree this[ExpiringTree tree]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(tree);
            _database.CheckOwn(tree.Entries);
            return new SnapshotExpiringTree(this, tree);
        }
    }

    /// <summary>A tree as this state has it, by its keys and values.</summary>
    /// <param name="tree">The tree.</param>
    /// <exception cref="TreeNotFoundException">The state has no such tree.</exception>
    /// <exception cref="CodecMismatchException">The tree has other codecs, or none.</exception>
    public SnapshotTree<TKey, TValue> Open<TKey, TValue>(Tree<TKey, TValue> tree)
    {
        using var read = BeginRead();
        _ = read.Open(tree);
        return new SnapshotTree<TKey, TValue>(this, tree);
    }

    /// <summary>Entries of a tree as this state has it, by an index.</summary>
    /// <param name="index">The index.</param>
    /// <exception cref="TreeNotFoundException">The state has no such tree.</exception>
    /// <exception cref="CodecMismatchException">The tree has other codecs, or none.</exception>
    /// <exception cref="IndexMismatchException">The tree has no such index.</exception>
    public IndexView<TIndexKey, TKey, TValue> Open<TIndexKey, TKey, TValue>(
        TreeIndex<TIndexKey, TKey, TValue> index)
    {
        using var read = BeginRead();
        _ = read.Open(index);
        return new IndexView<TIndexKey, TKey, TValue>(this, index);
    }

    /// <summary>Whether the state has a tree of the handle's name. The default tree always exists.</summary>
    public bool TreeExists(Tree tree)
    {
        using var read = BeginRead();
        return read.TreeExists(tree);
    }

    /// <inheritdoc cref="TreeExists(Tree)"/>
    /// <param name="name">The tree's name.</param>
    public bool TreeExists(string name) => TreeExists(_database.GetTree(name));

    /// <summary>The last number of a sequence that was taken by this state's time; 0 if none was.</summary>
    /// <exception cref="ArgumentException">The handle is one of another database.</exception>
    /// <exception cref="CodecMismatchException">
    /// <see cref="Sequence.TreeName"/> is a tree with other codecs, or none.
    /// </exception>
    /// <exception cref="InvalidEncodingException">That has something else under the sequence's name.</exception>
    public long LastOf(Sequence sequence)
    {
        using var read = BeginRead();
        return read.LastOf(sequence);
    }

    internal void RequireOpen() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);

    /// <summary>Another snapshot of the same state.</summary>
    internal Snapshot Share()
    {
        RequireOpen();
        _pin.AddUser();
        var token = _database.Track(TransactionKind.Snapshot);
        token?.Begin(TransactionId, _pin.Slot);
        return new Snapshot(_database, _pin, token);
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
}
