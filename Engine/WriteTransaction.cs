using System.Diagnostics;
using Engine.Pages;
using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <summary>
/// Changes of any number of trees that become visible together, or not at all. One exists at a time. Belongs to no
/// thread, but serves one at a time. Dispose without <see cref="Commit"/> aborts. After an exception that leaves the
/// outcome of an operation open (corruption met on the way, out of memory, a full disk) the transaction can only be
/// aborted, or rolled back to a savepoint; refused arguments change nothing.
/// </summary>
/// <remarks>
/// Trees are written and read by <see cref="Main"/> and <see cref="this[Tree]"/>. What is read is copied: the pages
/// that the transaction has changed are changed again by the next write, and go when it ends. To look at them without
/// copying there is <see cref="Read{TState, TResult}"/>; to walk over a tree and change it on the way,
/// <see cref="TreeWriter.OpenCursor"/>.
/// </remarks>
public sealed partial class WriteTransaction : IDisposable, IAsyncDisposable, ICallTransaction
{
    private readonly Database _database;
    private readonly DatabaseWriter _writer;
    private readonly TransactionToken? _token;
    private WriteContext _context = null!;
    private TransactionState _state = null!;
    private long _serial;
    private ulong _transactionId;

    internal WriteTransaction(Database database, DatabaseWriter writer, TransactionToken? token)
    {
        _token = token;
        _database = database;
        _writer = writer;
    }

    /// <summary>
    /// The id that the transaction's state will have, as far as it is known. Transactions that share a flush share
    /// their id, an aborted transaction's is used again, and while one is open its id may move, if those who committed
    /// before it began are committed without it. What <see cref="Commit"/> returns is final.
    /// </summary>
    public ulong TransactionId
    {
        get
        {
            if (_state.IsRunning(_serial))
            {
                _transactionId = _context.TransactionId;
            }

            return _transactionId;
        }
    }

    internal Database Database => _database;

    /// <summary>Moves when a name may have come to mean another tree.</summary>
    internal long Rebinds => _context.Rebinds;

    /// <summary>Where it was begun, if that is tracked.</summary>
    internal StackTrace? Origin => _token?.Origin;

    StackTrace? ICallTransaction.Origin => Origin;

    void ICallTransaction.Start(RunningWrite running) => Start(running);

    /// <summary>Is the transaction that has begun. Fails never: its turn would be lost.</summary>
    internal void Start(RunningWrite running)
    {
        _context = running.Context;
        _state = running.Context.State;
        _serial = running.Serial;
        _transactionId = running.TransactionId;
        _token?.Begin(_transactionId);
    }

    /// <summary>The default tree, to be written and read: short for <c>tx[db.Main]</c>.</summary>
    public TreeWriter Main => new(this, _database.Main);

    /// <summary>
    /// A tree, to be written and read. It is looked for by the operations of the writer, not here: so this neither
    /// throws if there is none of that name, nor costs anything.
    /// </summary>
    /// <param name="tree">The tree's name.</param>
    /// <exception cref="ArgumentException">The handle is one of another database.</exception>
    public TreeWriter this[Tree tree]
    {
        get
        {
            _database.CheckOwn(tree);
            return new TreeWriter(this, tree);
        }
    }

    /// <summary>
    /// A multi-valued tree, to be written and read. It is looked for by the operations of the writer.
    /// </summary>
    /// <param name="tree">The tree's name.</param>
    /// <exception cref="ArgumentException">The handle is one of another database.</exception>
    public MultiTreeWriter this[MultiTree tree]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(tree);
            _database.CheckOwn(tree.Pairs);
            return new MultiTreeWriter(this, tree);
        }
    }

    /// <summary>An expiring tree, to be written and read. It is looked for by the operations of the writer.</summary>
    /// <param name="tree">The tree's name.</param>
    /// <exception cref="ArgumentException">The handle is one of another database.</exception>
    public ExpiringTreeWriter this[ExpiringTree tree]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(tree);
            _database.CheckOwn(tree.Entries);
            return new ExpiringTreeWriter(this, tree);
        }
    }

    /// <summary>A tree by its keys and values, to be written and read.</summary>
    /// <param name="tree">The tree.</param>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    /// <exception cref="CodecMismatchException">The tree has other codecs, or none.</exception>
    /// <exception cref="IndexMismatchException">The tree has other indexes than the handle declares.</exception>
    public TreeWriter<TKey, TValue> Open<TKey, TValue>(Tree<TKey, TValue> tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        _database.CheckOwn(tree.Untyped);
        using var entered = EnterToRead(out var context);
        tree.RequireWritable(context);
        return new TreeWriter<TKey, TValue>(this, tree, context.Rebinds);
    }

    /// <summary>
    /// Makes a tree without options if there is none of that name; one that is there may have any.
    /// </summary>
    /// <param name="name">As for <see cref="Database.GetTree"/>.</param>
    /// <returns>Its handle, equal to what <see cref="Database.GetTree"/> gives.</returns>
    /// <exception cref="KeyTooLongException">The name is too long.</exception>
    public Tree CreateTree(string name)
    {
        var tree = _database.GetTree(name);
        using var entered = Enter(out var context);
        context.Create(tree.Id, flags: null);
        return tree;
    }

    /// <summary>Makes a tree with options if there is none of that name.</summary>
    /// <param name="name">As for <see cref="Database.GetTree"/>.</param>
    /// <param name="options">What it is to be, or is.</param>
    /// <returns>Its handle, equal to what <see cref="Database.GetTree"/> gives.</returns>
    /// <exception cref="TreeOptionsException">There is a tree of that name with other options.</exception>
    /// <exception cref="KeyTooLongException">The name is too long.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The options are none of those that there are.</exception>
    public Tree CreateTree(string name, TreeOptions options)
    {
        if (((TreeFlags)options & ~TreeFlags.Known) != TreeFlags.None)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options, "There are no such options of trees.");
        }

        var tree = _database.GetTree(name);
        using var entered = Enter(out var context);
        context.Create(tree.Id, (TreeFlags)options);
        return tree;
    }

    /// <summary>Makes a multi-valued tree if there is none of that name.</summary>
    /// <param name="name">As for <see cref="Database.GetTree(string)"/>.</param>
    /// <param name="options">What it is to be besides, or is; that it is multi-valued need not be said.</param>
    /// <param name="keySize">
    /// The length of all keys in bytes, up to <see cref="Database.MaxKeyLength"/>, or 0 if they have different ones.
    /// Keys that all have one length take less room if that is said.
    /// </param>
    /// <returns>Its handle, equal to what <see cref="Database.GetMultiTree"/> gives.</returns>
    /// <exception cref="TreeOptionsException">There is a tree of that name that is another one.</exception>
    /// <exception cref="KeyTooLongException">The name is too long.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The options are none of those that there are, or the key size is negative or above the limit.
    /// </exception>
    public MultiTree CreateMultiTree(string name, TreeOptions options = TreeOptions.None, int keySize = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keySize);
        var flags = (TreeFlags)options | TreeFlags.Multimap;
        if ((flags & ~TreeFlags.Known) != TreeFlags.None)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options, "There are no such options of trees.");
        }

        var tree = _database.GetMultiTree(name);
        using var entered = Enter(out var context);
        context.Create(tree.Pairs.Id, flags, new PairForm(keySize));
        return tree;
    }

    /// <summary>
    /// Makes a tree with its codecs and indexes if there is none of that name. If there is one that is empty, it gets
    /// the codecs if it has none, and the indexes that it lacks. (One with entries gets indexes by
    /// <see cref="BuildIndexes"/>.)
    /// </summary>
    /// <param name="tree">The tree.</param>
    /// <returns>The handle.</returns>
    /// <exception cref="CodecMismatchException">
    /// There is a tree of that name that has other codecs, or none and entries. Nothing was changed.
    /// </exception>
    /// <exception cref="TreeExistsException">An index's name is that of a tree. Nothing was changed.</exception>
    /// <exception cref="KeyTooLongException">The name and those of codecs and indexes are too long.</exception>
    public Tree<TKey, TValue> CreateTree<TKey, TValue>(Tree<TKey, TValue> tree) => CreateTree(tree, flags: null);

    /// <summary>
    /// Makes a tree with its codecs and with options if there is none of that name. If there is one that is empty and
    /// has these options and no codecs, it gets the codecs.
    /// </summary>
    /// <param name="tree">The tree.</param>
    /// <param name="options">What it is to be, or is: counted, or nothing.</param>
    /// <returns>The handle.</returns>
    /// <exception cref="TreeOptionsException">There is a tree of that name with other options.</exception>
    /// <exception cref="CodecMismatchException">The tree has other codecs, or has entries and no codecs.</exception>
    /// <exception cref="TreeExistsException">An index's name is that of a tree. Nothing was changed.</exception>
    /// <exception cref="KeyTooLongException">The name and those of codecs and indexes are too long.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The options are none of those that there are, or one that typed trees cannot have.
    /// </exception>
    public Tree<TKey, TValue> CreateTree<TKey, TValue>(Tree<TKey, TValue> tree, TreeOptions options)
    {
        if ((options & ~TreeOptions.Counted) != TreeOptions.None)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options, "A typed tree is counted or it is not; it has no other options.");
        }

        return CreateTree(tree, (TreeFlags)options);
    }

    private Tree<TKey, TValue> CreateTree<TKey, TValue>(Tree<TKey, TValue> tree, TreeFlags? flags)
    {
        ArgumentNullException.ThrowIfNull(tree);
        _database.CheckOwn(tree.Untyped);
        tree.Use();
        using var entered = Enter(out var context);
        context.Create(tree.Untyped.Id, tree.Codecs, flags, tree.IndexDefinitions, tree.IndexNames);
        tree.RequireCodecs(context.AttributesOf(tree.Untyped.Id));
        return tree;
    }

    /// <summary>
    /// Gives codecs to a tree that was made without: its bytes have to be encodings of these already. Every entry is
    /// decoded to make sure. Does nothing if the tree has these codecs.
    /// </summary>
    /// <param name="tree">The tree.</param>
    /// <returns>The handle.</returns>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    /// <exception cref="CodecMismatchException">The tree has other codecs.</exception>
    /// <exception cref="InvalidEncodingException">An entry is none of these codecs. Nothing was changed.</exception>
    /// <exception cref="KeyTooLongException">The name and those of the codecs are too long.</exception>
    public Tree<TKey, TValue> AdoptCodecs<TKey, TValue>(Tree<TKey, TValue> tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        _database.CheckOwn(tree.Untyped);
        if (HasCodecs(tree))
        {
            return tree;
        }

        Read(tree, static (read, tree) =>
        {
            foreach (var (key, value) in read[tree.Untyped].All())
            {
                _ = tree.KeyCodec.Decode(key);
                _ = tree.ValueCodec.Decode(value);
            }

            return true;
        });
        using var entered = Enter(out var context);
        context.Adopt(tree.Untyped.Id, tree.Codecs);
        return tree;
    }

    /// <summary>
    /// Removes a named tree with all its entries, and its indexes. O(pages): each page is read for its birth.
    /// </summary>
    /// <param name="tree">
    /// The tree's name. After <see cref="RenameTree(Tree, string)"/> that is the new one: the old handle names nothing
    /// any more, and this throws rather than doing nothing while the tree lives on.
    /// </param>
    /// <exception cref="TreeNotFoundException">
    /// There is no such tree; nothing was changed. <see cref="TryDropTree(Tree)"/> does not mind.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The default tree cannot be dropped: <see cref="TreeWriter.Clear"/> empties it.
    /// </exception>
    public void DropTree(Tree tree)
    {
        if (!TryDropTree(tree))
        {
            throw new TreeNotFoundException(
                $"There is no tree '{tree.Name}' to drop. If it was renamed, use the handle that RenameTree returned; "
                + "if it need not exist, TryDropTree.");
        }
    }

    /// <inheritdoc cref="DropTree(Tree)"/>
    /// <param name="name">The tree's name.</param>
    public void DropTree(string name) => DropTree(_database.GetTree(name));

    /// <summary>As <see cref="DropTree(Tree)"/>, for a tree that need not exist.</summary>
    /// <param name="tree">The tree's name; a handle does not follow a tree that was renamed.</param>
    /// <returns>Whether there was a tree under this name. False says nothing about trees under other names.</returns>
    /// <exception cref="InvalidOperationException">
    /// The default tree cannot be dropped: <see cref="TreeWriter.Clear"/> empties it.
    /// </exception>
    public bool TryDropTree(Tree tree)
    {
        _database.CheckOwn(tree);
        using var entered = Enter(out var context);
        return context.Drop(tree.Id);
    }

    /// <inheritdoc cref="TryDropTree(Tree)"/>
    /// <param name="name">The tree's name.</param>
    public bool TryDropTree(string name) => TryDropTree(_database.GetTree(name));

    /// <summary>
    /// Gives a named tree another name; its indexes keep theirs.
    /// A handle is a name and does not follow the tree: use the one that is returned.
    /// The old one now names nothing: reading, writing and <see cref="DropTree(Tree)"/> with it throw
    /// <see cref="TreeNotFoundException"/>, <see cref="TryDropTree(Tree)"/> and <see cref="TreeExists(Tree)"/> return
    /// false, and <see cref="CreateTree(string)"/> under the old name makes a new tree. To the same name: changes
    /// nothing.
    /// </summary>
    /// <param name="tree">The tree's name until now.</param>
    /// <param name="newName">As for <see cref="Database.GetTree"/>.</param>
    /// <returns>The handle of the new name.</returns>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    /// <exception cref="TreeExistsException">The new name is taken.</exception>
    /// <exception cref="KeyTooLongException">The new name is too long.</exception>
    /// <exception cref="InvalidOperationException">The default tree cannot be renamed.</exception>
    public Tree RenameTree(Tree tree, string newName)
    {
        var target = _database.GetTree(newName);
        _database.CheckOwn(tree);
        using var entered = Enter(out var context);
        context.Rename(tree.Id, target.Id);

        return target;
    }

    /// <inheritdoc cref="RenameTree(Tree, string)" path="/summary|/returns|/exception"/>
    /// <param name="name">The tree's name until now.</param>
    /// <param name="newName">As for <see cref="Database.GetTree"/>.</param>
    public Tree RenameTree(string name, string newName) => RenameTree(_database.GetTree(name), newName);

    /// <summary>
    /// Commits and ends the transaction. When it returns, the promise of the mode is met. Whatever it throws, the
    /// transaction has ended: aborted, unless the exception is a <see cref="DatabasePoisonedException"/>, which says
    /// that the outcome is unknown. Only what is refused before it has begun leaves the transaction open: a commit
    /// while a bulk load is neither completed nor disposed, in a callback of the transaction, or while another thread
    /// uses it.
    /// </summary>
    /// <returns>
    /// The id of the state that contains the changes; a transaction that changed nothing has the id of the state that
    /// it saw.
    /// </returns>
    /// <exception cref="DatabaseFullException">The disk is full; the transaction was aborted.</exception>
    /// <exception cref="DatabasePoisonedException">A flush or the meta write failed.</exception>
    /// <exception cref="DatabaseReplacedException">
    /// The database file was deleted or replaced while it was open; the transaction was aborted.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// A bulk load is open; or the transaction is being used, see above. Or an operation had ended in the middle (it
    /// threw, or a load was disposed without having been completed): then the transaction was aborted.
    /// </exception>
    public ulong Commit(CommitMode mode = CommitMode.Durable)
    {
        // The writer leaves it, when the transaction has ended.
        _ = _state.EnterToCommit(_serial, _loadsBefore);
        if (_parent is not null)
        {
            return EndNested(isCommitted: true);
        }

        try
        {
            return _transactionId = _writer.Commit(isDeferred: mode == CommitMode.Deferred);
        }
        finally
        {
            _token?.End();
        }
    }

    /// <summary>
    /// As <see cref="Commit"/>, without blocking a thread of the pool while the disk works: a thread of the database's
    /// own does that, also when all of the pool's are blocked. (A deferred commit that need not flush is made on the
    /// caller's thread, as it waits for nothing.)
    /// </summary>
    /// <param name="mode">What the commit promises.</param>
    /// <param name="cancellationToken">
    /// Aborts the transaction instead, until the commit would become irrevocable: before it has begun, and after its
    /// pages were written but nothing refers to them yet. From when the meta page is written, or a deferred commit is
    /// shown, the token is not looked at any more, and the commit is completed and reported.
    /// </param>
    /// <returns>As <see cref="Commit"/>.</returns>
    /// <exception cref="OperationCanceledException">Cancelled: the transaction has ended and was aborted.</exception>
    /// <exception cref="DatabaseFullException">The disk is full; the transaction was aborted.</exception>
    /// <exception cref="DatabasePoisonedException">A flush or the meta write failed.</exception>
    public async ValueTask<ulong> CommitAsync(
        CommitMode mode = CommitMode.Durable, CancellationToken cancellationToken = default)
    {
        _ = _state.EnterToCommit(_serial, _loadsBefore);
        if (_parent is not null)
        {
            var isCancelled = cancellationToken.IsCancellationRequested;
            var id = EndNested(isCommitted: !isCancelled);
            return isCancelled ? throw new OperationCanceledException(cancellationToken) : id;
        }

        try
        {
            var isDeferred = mode == CommitMode.Deferred;
            return _transactionId = await _writer.CommitAsync(isDeferred, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _token?.End();
        }
    }

    /// <summary>Commits durably, as <see cref="CommitAsync(CommitMode, CancellationToken)"/>.</summary>
    /// <param name="cancellationToken">As there.</param>
    /// <returns>As <see cref="Commit"/>.</returns>
    public ValueTask<ulong> CommitAsync(CancellationToken cancellationToken) =>
        CommitAsync(CommitMode.Durable, cancellationToken);

    /// <summary>What is told to a caller whose turn did not come in time.</summary>
    WriterTimeoutException ICallTransaction.Timeout() => _writer.TimedOut();

    /// <summary>Leaves the changes to the next commit, of which the caller is told. The gate stays shut.</summary>
    void ICallTransaction.CommitFor(WriteCall call)
    {
        _ = _state.EnterToCommit(_serial);
        try
        {
            _writer.CommitFor(call);
        }
        finally
        {
            _token?.End();
        }
    }

    /// <summary>Aborts if it has not ended. Then the gate stays shut.</summary>
    bool ICallTransaction.TryAbortFor()
    {
        try
        {
            _ = _state.EnterToAbort(_serial);
        }
        catch (ObjectDisposedException)
        {
            // Ended by the callback, or by a commit that failed.
            _token?.End();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }

        try
        {
            _writer.AbortFor();
        }
        finally
        {
            _token?.End();
        }

        return true;
    }

    /// <summary>Ends the transaction, and what is nested in it, without a trace.</summary>
    public void Abort()
    {
        _ = _state.EnterToAbort(_serial);
        if (_parent is not null)
        {
            EndNested(isCommitted: false);
            return;
        }

        try
        {
            _writer.Abort();
        }
        finally
        {
            _token?.End();
        }
    }

    /// <summary>Aborts the transaction if it has not ended.</summary>
    public void Dispose()
    {
        if (!_state.IsRunning(_serial))
        {
            // Ended, maybe with the transaction that it was nested in.
            _token?.End();
            return;
        }

        try
        {
            Abort();
        }
        catch (ObjectDisposedException)
        {
            // Ended meanwhile, by the closing of the database.
        }
    }

    /// <summary>
    /// As <see cref="Dispose"/>, for <c>await using</c>: an abort is a matter of memory and waits for nothing.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Enters an operation, until the scope is disposed.</summary>
    internal TransactionScope Enter(out WriteContext context)
    {
        context = _context;
        return _state.Enter(_serial);
    }

    /// <summary>Throws if nothing could be written now.</summary>
    internal void RequireWritable()
    {
        using var entered = Enter(out _);
    }

    /// <summary>A load of this transaction ends.</summary>
    /// <param name="load">The load.</param>
    /// <param name="incomplete">Why entries of it may be missing; null if none are.</param>
    internal void EndLoad(ILoad load, Exception? incomplete)
    {
        // Even if it has failed: a failure in between does not keep a load from ending.
        using var entered = _state.EnterEvenFailed(_serial);
        _state.EndLoad(load, incomplete);
    }

    private bool HasCodecs<TKey, TValue>(Tree<TKey, TValue> tree)
    {
        using var entered = EnterToRead(out var context);
        var attributes = context.AttributesOf(tree.Untyped.Id);
        context.RequireCodecsAllowed(tree.Untyped.Id);
        if (TreeCodecs.From(attributes).IsNone)
        {
            return false;
        }

        tree.RequireCodecs(attributes);
        return true;
    }

    /// <summary>Moves what was written so far to the file if it takes more memory than this.</summary>
    internal void SpillAbove(long bytes)
    {
        using var entered = Enter(out var context);
        context.SpillAbove(bytes);
    }
}
