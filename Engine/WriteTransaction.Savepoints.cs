using Engine.Transactions;

namespace Engine;

/// <content>Going back to an earlier point of the transaction: savepoints, and nested transactions.</content>
public sealed partial class WriteTransaction
{
    private WriteTransaction? _parent;
    private long _savepoint;
    private int _loadsBefore;

    /// <summary>
    /// Sets a savepoint: <see cref="RollBackTo(Savepoint)"/> makes the transaction again what it is now, with everything in it:
    /// entries, trees that were created, dropped or renamed, large values, running loads. Any number may stand at a
    /// time. One costs what is changed after it (a copy of each page that was changed before it and is changed again),
    /// and next to nothing by itself. Allocates nothing as long as few stand.
    /// </summary>
    /// <returns>The savepoint, which is good until it is released, rolled back over, or the transaction ends.</returns>
    /// <exception cref="InvalidOperationException">
    /// A bulk load of the transaction holds entries that are still to be sorted; complete it first. Or the transaction
    /// is being used, has a nested one open, or can only be aborted.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The transaction has ended.</exception>
    /// <example>
    /// <code>
    /// using var tx = db.BeginWrite();
    /// var before = tx.Savepoint();
    /// tx.Main.Put("a"u8, "1"u8);
    /// tx.RollBackTo(before);
    /// tx.Commit();
    /// </code>
    /// </example>
    public Savepoint Savepoint()
    {
        using var entered = Enter(out var context);
        return new Savepoint(this, context.SetSavepoint());
    }

    /// <summary>
    /// Makes the transaction what it was at a savepoint, which stays and can be rolled back to again; savepoints that
    /// were set after it are gone. Cursors stay: they seek their keys again. Loads that were begun after the savepoint
    /// have ended, and those that ran then go on from where they were. If an operation after the savepoint has ended in
    /// the middle (corruption met on the way, a full disk), so that the transaction could only be aborted, it is whole
    /// again.
    /// </summary>
    /// <param name="savepoint">One of this transaction's.</param>
    /// <exception cref="SavepointException">
    /// The savepoint is of another transaction, or has been released, or rolled back over; nothing was changed.
    /// </exception>
    /// <exception cref="InvalidOperationException">The transaction is being used, or has a nested one open.</exception>
    /// <exception cref="ObjectDisposedException">The transaction has ended.</exception>
    public void RollBackTo(Savepoint savepoint)
    {
        using var entered = _state.EnterEvenFailed(_serial);
        RequireSavepoint(savepoint);
        _context.RollBackAllButNumbers(savepoint.Number);
    }

    /// <summary>
    /// Releases a savepoint: what was changed after it stays. In any order: others, earlier and later ones, are as
    /// before. What it holds in memory is given back as soon as no later one stands. A savepoint that is never released
    /// goes with its transaction.
    /// </summary>
    /// <param name="savepoint">One of this transaction's.</param>
    /// <exception cref="SavepointException">
    /// The savepoint is of another transaction, or has been released, or rolled back over; nothing was changed.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The transaction is being used, has a nested one open, or can only be aborted or rolled back.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The transaction has ended.</exception>
    public void Release(Savepoint savepoint)
    {
        using var entered = Enter(out var context);
        RequireSavepoint(savepoint);
        context.Release(savepoint.Number);
    }

    /// <summary>
    /// Begins a transaction within this one. It is written and read as any; <see cref="Commit"/> leaves its changes to
    /// this one (nothing is durable before the outermost one is committed, whatever the mode), <see cref="Abort"/> and
    /// disposing undo them. While it is open this one can only be aborted or disposed, which ends both. Costs what a
    /// savepoint costs, and an object.
    /// </summary>
    /// <exception cref="InvalidOperationException">As <see cref="Savepoint"/>.</exception>
    /// <exception cref="ObjectDisposedException">The transaction has ended.</exception>
    /// <example>
    /// <code>
    /// using var tx = db.BeginWrite();
    /// using (var attempt = tx.BeginNested())
    /// {
    ///     attempt.Main.Put("a"u8, "1"u8);
    ///     // Disposed without a commit: undone.
    /// }
    ///
    /// tx.Commit();
    /// </code>
    /// </example>
    public WriteTransaction BeginNested()
    {
        using var entered = Enter(out var context);
        var nested = new WriteTransaction(_database, _writer, _database.Track(TransactionKind.Write))
        {
            _parent = this,
            _context = context,
            _state = _state,
            _loadsBefore = _state.Loads.Last,
            _transactionId = context.TransactionId,
        };
        nested._savepoint = context.SetSavepoint();
        nested._serial = _state.BeginNested();
        nested._token?.Begin(nested._transactionId);
        return nested;
    }

    /// <summary>Ends a nested transaction that was entered, and leaves it.</summary>
    private ulong EndNested(bool isCommitted)
    {
        try
        {
            if (isCommitted && _state.Failure is not null)
            {
                isCommitted = false;
                _state.RequireIntact();
            }
        }
        finally
        {
            try
            {
                if (!isCommitted)
                {
                    _context.RollBackAllButNumbers(_savepoint);
                }

                _context.ReleaseFrom(_savepoint);
            }
            finally
            {
                _state.EndNested();
                _state.Exit();
                _token?.End();
            }
        }

        return _transactionId = _context.TransactionId;
    }

    private void RequireSavepoint(Savepoint savepoint)
    {
        if (!savepoint.IsOf(this))
        {
            throw new SavepointException(
                "The savepoint was not set by this transaction, so there is nothing here to go back to. "
                + "A nested transaction and its parent have savepoints of their own.");
        }

        if (!_context.HasSavepoint(savepoint.Number))
        {
            throw new SavepointException(
                "The savepoint is gone: it was released, or an earlier one was rolled back to. Set another one.");
        }
    }
}
