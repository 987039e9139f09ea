using Engine.Cli.Shared;
using Engine.Transactions;
using Engine.Trees;

namespace Engine.Cli.Making;

/// <summary>
/// Fills the trees of a new database. Whatever the order in which a tree's entries are put, its pages become full and
/// lie one behind the other. What it writes is durable when <see cref="Finish"/> has returned, and not before: nobody
/// sees the file until then.
/// </summary>
internal sealed class TreeFiller : IDisposable
{
    /// <summary>
    /// A transaction of this many bytes that were tried: large enough for long runs of pages, and small enough for the
    /// memory.
    /// </summary>
    private const long TransactionBytes = 32L * 1024 * 1024;

    private readonly Database _database;
    private readonly BulkLoadOptions _options;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<string, (TreeOptions Options, byte[] Attributes)> _declared =
        new(StringComparer.Ordinal);
    private WriteTransaction? _transaction;
    private BulkLoader? _loader;
    private string? _treeName;
    private Tree? _tree;

    /// <summary>The tree that was entered last, if it is a multi-valued one.</summary>
    private MultiTree? _pairs;
    private PairForm _form;
    private long _bytes;

    /// <summary>Whether the tree that was entered last is made from another one when the work is finished.</summary>
    private bool _isMadeLater;

    private TreeFiller(Database database, BulkLoadOptions options, CancellationToken cancellation)
    {
        _database = database;
        _options = options;
        _cancellation = cancellation;
    }

    /// <summary>The longest key that the new database takes.</summary>
    public int MaxKeyLength => _database.MaxKeyLength;

    /// <summary>Makes a database.</summary>
    /// <param name="path">The file, which does not exist.</param>
    /// <param name="pageSize">Bytes of a page; also the small ones of test files.</param>
    /// <param name="options">How to sort what does not ascend; null: beside the file.</param>
    /// <param name="cancellation">Ends the putting of what was sorted.</param>
    public static TreeFiller Create(
        string path, int pageSize, BulkLoadOptions? options = null, CancellationToken cancellation = default)
    {
        Database database = Database.Open(path, new DatabaseOptions
        {
            PageSize = pageSize,
            AllowTestPageSizes = true,

            // One flush at the end is enough for a file that nobody relies on yet.
            FlushInterval = Timeout.InfiniteTimeSpan,
            DeferredLimit = long.MaxValue,
        });
        return new TreeFiller(database, options ?? SortFiles.Options(null, path), cancellation);
    }

    /// <summary>Says what a tree is to be, once it is entered; without it, it is nothing special.</summary>
    /// <param name="name">The name; the default tree cannot be anything special.</param>
    /// <param name="options">Its options.</param>
    /// <param name="attributes">What another file's catalog has behind its record.</param>
    public void Declare(string name, TreeOptions options, byte[] attributes)
    {
        if (name.Length > 0)
            _declared[name] = (options, attributes);
    }

    /// <summary>What follows goes into this tree, which is made if it does not exist.</summary>
    /// <param name="name">The name; empty for the default tree.</param>
    public void Enter(string name)
    {
        string? treeName = name.Length == 0 ? null : name;
        if (_tree is not null && _treeName == treeName)
            return;
        CompleteLoad();
        _treeName = treeName;
        _transaction ??= _database.BeginWrite();
        _isMadeLater = treeName is not null && KindOf(treeName).IsTimeIndex;
        if (treeName is not null && !_isMadeLater && !_transaction.TreeExists(treeName))
            Create(_transaction, treeName);
        Resolve();
    }

    /// <summary>As <see cref="Declare"/>, then <see cref="Enter(string)"/>.</summary>
    public void Enter(string name, TreeOptions options, byte[] attributes)
    {
        Declare(name, options, attributes);
        Enter(name);
    }

    private TreeKind KindOf(string name) =>
        _declared.TryGetValue(name, out (TreeOptions Options, byte[] Attributes) known)
            ? TreeKind.From(known.Options, known.Attributes)
            : TreeKind.Plain;

    private void Create(WriteTransaction transaction, string name)
    {
        (TreeOptions options, byte[] attributes) = _declared.GetValueOrDefault(name, (TreeOptions.None, []));
        NewTrees.SetAttributes(
            transaction, NewTrees.Create(transaction, name, TreeKind.From(options, attributes)), attributes);
    }

    /// <summary>Gives the database attributes of another file.</summary>
    public void SetDatabaseAttributes(byte[] attributes)
    {
        if (attributes.Length == 0)
            return;
        if (_transaction is null)
            Resolve();
        using TransactionScope entered = _transaction!.Enter(out WriteContext context);
        context.SetDatabaseAttributes(attributes);
    }

    /// <summary>
    /// Puts an entry as it is stored. Nobody can look it up before another tree is entered or the work is finished: it
    /// may still be sorted.
    /// </summary>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        // Everything is one transaction, because it must not end before a sort; the loader keeps its memory bounded.
        if (_isMadeLater)
            return;
        if (_transaction is null)
            Resolve();
        _loader ??= _transaction![_tree!].BeginLoad(_options);
        _loader.Add(key, value);
    }

    /// <summary>As <see cref="Put"/>; into a multi-valued tree as a pair.</summary>
    /// <exception cref="PairTooLongException">Both together are too long to be a pair.</exception>
    public void PutPair(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_transaction is null)
            Resolve();
        if (_pairs is null)
            Put(key, value);
        else
            Put(
                _transaction!.RequirePair(_form, _pairs, key, value, stackalloc byte[1024]),
                _form.EntryValue(key));
    }

    /// <summary>
    /// Puts an entry as it is stored if its key is not there yet, which the engine's loader cannot do. False also for
    /// one that is no pair, and the tree is a multi-valued one.
    /// </summary>
    public bool TryAdd(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        CompleteLoad();
        if (_bytes > TransactionBytes)
            Commit();
        if (_transaction is null)
            Resolve();
        if (_isMadeLater)
            return true;
        if ((_pairs is not null && !IsPair(key, value))
            || (_tree!.Id.Form == TreeForm.Expiring && !ExpiringTrees.HasTime(value))
            || !_transaction![_tree].TryAdd(key, value))
            return false;
        _bytes += key.Length + value.Length;
        return true;
    }

    /// <summary>Shows the entries that a tree has so far; nothing if it has not been entered yet.</summary>
    public void Read(string name, Reading.SoundTrees.Put show)
    {
        CompleteLoad();
        Resolve();
        _ = _transaction!.Read((Filler: this, Name: name, Show: show), static (read, asked) =>
        {
            if (!read.TryGetTree(Shared.CommonSymbols.Resolve(asked.Filler._database, asked.Name), out TreeReader tree))
                return 0;
            foreach (var (key, value) in tree.All())
            {
                asked.Filler._cancellation.ThrowIfCancellationRequested();
                asked.Show(key, value);
            }

            return 0;
        });
    }

    /// <summary>Makes everything durable and closes the database.</summary>
    public void Finish()
    {
        CompleteLoad();
        foreach ((string name, _) in _declared)
        {
            if (KindOf(name).IsExpiring)
                TimeIndexes.Make(_transaction ??= _database.BeginWrite(), _database, name, _options, _cancellation);
        }

        Commit();
        _database.Flush();
        _database.Dispose();
    }

    public void Dispose()
    {
        _loader?.Dispose();
        _transaction?.Dispose();
        _database.Dispose();
    }

    private void Resolve()
    {
        _transaction ??= _database.BeginWrite();
        _pairs = null;
        _tree = _treeName is null || _isMadeLater ? _database.Main : _transaction.CreateTree(_treeName);
        TreeKind kind = _treeName is null ? TreeKind.Plain : KindOf(_treeName);
        if (kind.IsExpiring)
            _tree = _database.GetExpiringTree(_treeName!).Entries;
        if (!kind.IsMultiValued)
            return;
        _pairs = _database.GetMultiTree(_treeName!);
        _tree = _pairs.Pairs;
        _form = kind.Form;
    }

    private bool IsPair(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_form.KeySize > 0)
            return key.Length >= _form.KeySize && value.IsEmpty;
        return EscapedBytes.FindEnd(key, out int escapes) >= 0
            && (escapes == 0 ? value.IsEmpty : value.SequenceEqual(_form.KeyOf(key)));
    }

    private void CompleteLoad()
    {
        _loader?.Complete(_cancellation.ThrowIfCancellationRequested);
        _loader?.Dispose();
        _loader = null;
    }

    private void Commit()
    {
        _transaction?.Commit(CommitMode.Deferred);
        _transaction?.Dispose();
        _transaction = null;
        _bytes = 0;
    }
}
