namespace Engine.Cli.Making;

/// <summary>
/// Fills the trees of a new database. In key order its pages become full and lie one behind the other; any other order works as well. What it writes is durable when
/// <see cref="Finish"/> has returned, and not before: nobody sees the file until then.
/// </summary>
internal sealed class TreeFiller : IDisposable
{
    /// <summary>A transaction of this many bytes: large enough for long runs of pages, and small enough for the memory.</summary>
    private const long TransactionBytes = 32L * 1024 * 1024;

    private readonly Database _database;
    private WriteTransaction? _transaction;
    private string? _treeName;
    private Tree? _tree;
    private long _bytes;

    private TreeFiller(Database database) => _database = database;

    /// <summary>The longest key that the new database takes.</summary>
    public int MaxKeyLength => _database.MaxKeyLength;

    /// <summary>Makes a database.</summary>
    /// <param name="path">The file, which does not exist.</param>
    /// <param name="pageSize">Bytes of a page; also the small ones of test files.</param>
    public static TreeFiller Create(string path, int pageSize) => new(Database.Open(path, new DatabaseOptions
    {
        PageSize = pageSize,
        AllowTestPageSizes = true,

        // One flush at the end is enough for a file that nobody relies on yet.
        FlushInterval = Timeout.InfiniteTimeSpan,
        DeferredLimit = long.MaxValue,
    }));

    /// <summary>What follows goes into this tree, which is made if it does not exist.</summary>
    /// <param name="name">The name; empty for the default tree.</param>
    public void Enter(string name)
    {
        _treeName = name.Length == 0 ? null : name;
        Resolve();
    }

    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_bytes > TransactionBytes)
            Commit();
        if (_transaction is null)
            Resolve();
        _transaction!.Put(_tree!, key, value);
        _bytes += key.Length + value.Length;
    }

    /// <summary>Puts an entry if its key is not there yet.</summary>
    public bool TryAdd(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_bytes > TransactionBytes)
            Commit();
        if (_transaction is null)
            Resolve();
        if (!_transaction!.TryAdd(_tree!, key, value))
            return false;
        _bytes += key.Length + value.Length;
        return true;
    }

    /// <summary>Makes everything durable and closes the database.</summary>
    public void Finish()
    {
        Commit();
        _database.Flush();
        _database.Dispose();
    }

    public void Dispose()
    {
        _transaction?.Dispose();
        _database.Dispose();
    }

    private void Resolve()
    {
        _transaction ??= _database.BeginWrite();
        _tree = _treeName is null ? _database.Main : _transaction.CreateTree(_treeName);
    }

    private void Commit()
    {
        _transaction?.Commit(CommitMode.Deferred);
        _transaction?.Dispose();
        _transaction = null;
        _bytes = 0;
    }
}
