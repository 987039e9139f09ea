using System.Buffers;
using Engine.Pages;
using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <summary>
/// Changes of any number of trees that become visible together, or not at all. One exists at a time. Belongs to no thread, but serves one at a time.
/// Dispose without <see cref="Commit"/> aborts. After an exception that leaves the outcome of an operation open (corruption met on the way, out of
/// memory, a full disk) the transaction can only be aborted; refused arguments change nothing.
/// </summary>
/// <remarks>
/// What it reads is copied: the pages that it has changed are changed again by the next write, and go when it ends. To look at them without copying there is
/// <see cref="Read"/>; to walk over a tree and change it on the way, <see cref="OpenCursor"/>.
/// </remarks>
public sealed partial class WriteTransaction : IDisposable
{
    private readonly Database _database;
    private WriteContext _context = null!;
    private long _serial;

    internal WriteTransaction(Database database)
    {
        _database = database;
    }

    /// <summary>The id that the transaction's state will have. (An aborted transaction's id is used again.)</summary>
    public ulong TransactionId { get; private set; }

    internal Database Database => _database;

    /// <summary>Is the transaction that has begun. Fails never: its turn would be lost.</summary>
    internal void Start(RunningWrite running)
    {
        _context = running.Context;
        _serial = running.Serial;
        TransactionId = running.TransactionId;
    }

    /// <summary>Writes an entry, replacing the value if the key is there.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="key">Up to <see cref="Database.MaxKeyLength"/> bytes; may be empty.</param>
    /// <param name="value">Up to 2,147,483,647 bytes (as far as memory and disk allow); may be empty.</param>
    /// <exception cref="KeyTooLongException">The key is too long.</exception>
    /// <exception cref="DatabaseFullException">The disk is full, and a large value or what exceeds the memory had to be written; the transaction can only be aborted.</exception>
    public void Put(Tree tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Enter(tree);
        try
        {
            _context.Put(tree.Id, key, value, PutMode.Overwrite);
        }
        finally
        {
            _context.Exit();
        }
    }

    /// <summary>Writes an entry unless the key is there.</summary>
    /// <returns>False, with nothing changed, if the key is there.</returns>
    public bool TryAdd(Tree tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Enter(tree);
        try
        {
            return _context.Put(tree.Id, key, value, PutMode.AddOnly);
        }
        finally
        {
            _context.Exit();
        }
    }

    /// <summary>Writes an entry whose value a callback fills in place, which saves a copy.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="key">The key.</param>
    /// <param name="valueLength">Length of the value in bytes.</param>
    /// <param name="state">Passed to the callback.</param>
    /// <param name="fill">
    /// Gets the value's bytes, all zero. Using or ending the transaction in there, or writing to, flushing, checking or
    /// closing its database, throws. If it throws, the transaction can only be aborted.
    /// </param>
    public void Put<TState>(Tree tree, ReadOnlySpan<byte> key, int valueLength, TState state, SpanAction<byte, TState> fill)
        where TState : allows ref struct
    {
        ArgumentOutOfRangeException.ThrowIfNegative(valueLength);
        ArgumentNullException.ThrowIfNull(fill);
        Enter(tree);
        try
        {
            _context.Put(tree.Id, key, valueLength, state, fill);
        }
        finally
        {
            _context.Exit();
        }
    }

    /// <summary>Deletes an entry.</summary>
    /// <returns>Whether the key was there.</returns>
    public bool Delete(Tree tree, ReadOnlySpan<byte> key)
    {
        Enter(tree);
        try
        {
            return _context.Delete(tree.Id, key);
        }
        finally
        {
            _context.Exit();
        }
    }

    /// <summary>Deletes the entries with from ≤ key &lt; to. Subtrees inside the range are unlinked whole.</summary>
    /// <returns>How many there were.</returns>
    public ulong DeleteRange(Tree tree, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) => DeleteRange(tree, from, to, hasTo: true);

    /// <summary>Deletes the entries with key ≥ from.</summary>
    /// <returns>How many there were.</returns>
    public ulong DeleteFrom(Tree tree, ReadOnlySpan<byte> from) => DeleteRange(tree, from, default, hasTo: false);

    /// <summary>
    /// A cursor in a tree, for walks that change it; it survives every change of the tree, and what it shows is copied.
    /// </summary>
    public WriteCursor OpenCursor(Tree tree)
    {
        using var entered = EnterToRead(tree);
        return new WriteCursor(this, _context, tree);
    }

    /// <summary>
    /// Begins to load many entries, sorted or not, into a tree. Until the load is completed the transaction cannot be committed, and if the loader is disposed without
    /// that, it can only be aborted.
    /// </summary>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public BulkLoader BeginLoad(Tree tree, BulkLoadOptions? options = null)
    {
        options ??= new BulkLoadOptions();
        options.Validate();
        Enter(tree);
        try
        {
            return new BulkLoader(this, tree, options, _context.BeginLoad(tree.Id));
        }
        finally
        {
            _context.Exit();
        }
    }

    /// <summary>Makes a tree if there is none of that name.</summary>
    /// <returns>Its handle, equal to what <see cref="Database.GetTree"/> gives.</returns>
    public Tree CreateTree(string name)
    {
        var tree = _database.GetTree(name);
        Enter(tree);
        try
        {
            _context.Create(tree.Id);
        }
        finally
        {
            _context.Exit();
        }

        return tree;
    }

    /// <summary>Removes a named tree with all its entries. O(pages): each page is read for its birth.</summary>
    /// <returns>Whether there was one under the handle's name.</returns>
    public bool DropTree(Tree tree)
    {
        Enter(tree);
        try
        {
            return _context.Drop(tree.Id);
        }
        finally
        {
            _context.Exit();
        }
    }

    /// <summary>
    /// Gives a named tree another name. A handle is a name and does not follow the tree: use the one that is returned. The old one now is of a name without a tree, so
    /// <see cref="DropTree"/> with it returns false, writing to it throws, and <see cref="CreateTree"/> under the old name makes a new tree.
    /// </summary>
    /// <returns>The handle of the new name.</returns>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    /// <exception cref="TreeExistsException">The new name is taken.</exception>
    public Tree RenameTree(Tree tree, string newName)
    {
        var target = _database.GetTree(newName);
        Enter(tree);
        try
        {
            _context.Rename(tree.Id, target.Id);
        }
        finally
        {
            _context.Exit();
        }

        return target;
    }

    /// <summary>Removes all entries of a tree, which stays.</summary>
    /// <returns>How many there were.</returns>
    public ulong Truncate(Tree tree)
    {
        Enter(tree);
        try
        {
            return _context.Truncate(tree.Id);
        }
        finally
        {
            _context.Exit();
        }
    }

    /// <summary>
    /// Commits and ends the transaction. When it returns, the promise of the mode is met. Whatever it throws, the transaction has ended: aborted, unless the
    /// exception is a <see cref="DatabasePoisonedException"/>, which says that the outcome is unknown. Only what is refused before it has begun leaves the transaction open:
    /// a commit while a bulk load is neither completed nor disposed, in a callback of the transaction, or while another thread uses it.
    /// </summary>
    /// <returns>The id of the state that contains the changes; a transaction that changed nothing has the id of the state that it saw.</returns>
    /// <exception cref="DatabaseFullException">The disk is full; the transaction was aborted.</exception>
    /// <exception cref="DatabasePoisonedException">A flush or the meta write failed.</exception>
    /// <exception cref="DatabaseReplacedException">The database file was deleted or replaced while it was open; the transaction was aborted.</exception>
    /// <exception cref="InvalidOperationException">
    /// A bulk load is open; or the transaction is being used, see above. Or an operation had ended in the middle (it threw, or a load was disposed without having been completed):
    /// then the transaction was aborted.
    /// </exception>
    public ulong Commit(CommitMode mode = CommitMode.Durable)
    {
        _context.EnterToCommit(_serial);
        return _database.Core.Commit(isDeferred: mode == CommitMode.Deferred);
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
        _context.EnterToCommit(_serial);
        var isDeferred = mode == CommitMode.Deferred;
        return await _database.Core.CommitAsync(isDeferred, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the transaction without a trace.</summary>
    public void Abort()
    {
        _context.Enter(_serial, isEnding: true);
        _database.Core.Abort();
    }

    /// <summary>Aborts the transaction if it has not ended.</summary>
    public void Dispose()
    {
        if (_context.Serial != _serial)
        {
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

    /// <summary>Writes an entry if it only has to be set behind the last one.</summary>
    internal AppendResult TryAppend(Tree tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Enter(tree);
        try
        {
            return _context.TryAppend(tree.Id, key, value);
        }
        finally
        {
            _context.Exit();
        }
    }

    /// <summary>Throws if nothing could be written now.</summary>
    internal void RequireWritable()
    {
        _context.Enter(_serial);
        _context.Exit();
    }

    /// <summary>A load of this transaction ends.</summary>
    /// <param name="incomplete">Why entries of it may be missing; null if none are.</param>
    internal void EndLoad(Exception? incomplete)
    {
        // As an end, because a failure in between does not keep a load from ending.
        _context.Enter(_serial, isEnding: true);
        try
        {
            if (incomplete is null)
            {
                _context.EndLoad();
            }
            else
            {
                _context.AbandonLoad(incomplete);
            }
        }
        finally
        {
            _context.Exit();
        }
    }

    /// <summary>Moves what was written so far to the file if it takes more memory than this.</summary>
    internal void SpillAbove(long bytes)
    {
        _context.Enter(_serial);
        try
        {
            _context.SpillAbove(bytes);
        }
        finally
        {
            _context.Exit();
        }
    }

    private ulong DeleteRange(Tree tree, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool hasTo)
    {
        Enter(tree);
        try
        {
            return _context.DeleteRange(tree.Id, from, to, hasTo);
        }
        finally
        {
            _context.Exit();
        }
    }

    private void Enter(Tree tree)
    {
        _database.CheckOwn(tree);
        _context.Enter(_serial);
    }
}
