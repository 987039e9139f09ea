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
    /// A tree, to be written and read, by its name: short for <c>transaction[db.GetTree(name)]</c>. It is looked for by
    /// the operations of the writer, not here.
    /// </summary>
    /// <param name="name">The tree's name.</param>
    /// <exception cref="KeyTooLongException">No tree has so long a name.</exception>
    /// <exception cref="ArgumentException">The name is empty or no whole characters.</exception>
    public TreeWriter this[string name] => this[_database.GetTree(name)];

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

    /// <summary>Moves what was written so far to the file if it takes more memory than this.</summary>
    internal void SpillAbove(long bytes)
    {
        using var entered = Enter(out var context);
        context.SpillAbove(bytes);
    }
}
