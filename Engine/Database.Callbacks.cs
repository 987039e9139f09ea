using Engine.Transactions;

namespace Engine;

/// <summary>Reads in a callback; see <see cref="Database.Read{TState, TResult}"/>.</summary>
/// <param name="transaction">The read transaction; ends when the callback returns.</param>
/// <param name="state">Whatever the caller passed.</param>
/// <typeparam name="TState">Type of the state; may be a ref struct.</typeparam>
/// <typeparam name="TResult">Type of the result; no span, so nothing of the transaction can escape.</typeparam>
public delegate TResult ReadFunc<in TState, out TResult>(scoped ReadTransaction transaction, TState state)
    where TState : allows ref struct;

/// <summary>Reads in a callback; see <see cref="Database.Read{TResult}"/>.</summary>
/// <param name="transaction">The read transaction; ends when the callback returns.</param>
/// <typeparam name="TResult">Type of the result; no span, so nothing of the transaction can escape.</typeparam>
public delegate TResult ReadFunc<out TResult>(scoped ReadTransaction transaction);

/// <summary>Writes in a callback; see <see cref="Database.Write{TState, TResult}"/>.</summary>
/// <param name="transaction">
/// The write transaction; is committed when the callback returns, and aborted when it throws.
/// </param>
/// <param name="state">Whatever the caller passed.</param>
/// <typeparam name="TState">Type of the state; may be a ref struct.</typeparam>
/// <typeparam name="TResult">Type of the result.</typeparam>
public delegate TResult WriteFunc<in TState, out TResult>(WriteTransaction transaction, TState state)
    where TState : allows ref struct;

/// <summary>Writes in a callback that may await; see <c>Database.WriteAsync</c>.</summary>
/// <param name="transaction">
/// The write transaction; is committed when what the callback returned has completed, and aborted when that fails.
/// </param>
/// <param name="state">Whatever the caller passed.</param>
/// <param name="cancellationToken">The caller's.</param>
/// <typeparam name="TState">Type of the state.</typeparam>
/// <typeparam name="TResult">Type of the result.</typeparam>
public delegate ValueTask<TResult> WriteAsyncFunc<in TState, TResult>(
    WriteTransaction transaction, TState state, CancellationToken cancellationToken);

#pragma warning disable RS0026 // The overloads are told apart by what they require, whatever is left out.

/// <content>Transactions that are begun and ended for the caller.</content>
public sealed partial class Database
{
    /// <summary>Reads in a callback, and ends the read transaction for the caller. Thread-safe.</summary>
    /// <param name="state">Passed to the callback, which so can be static and captures nothing.</param>
    /// <param name="read">Gets the read transaction. What it throws is thrown.</param>
    /// <returns>What the callback returns.</returns>
    /// <example>
    /// <code>
    /// long length = db.Read("alice"u8, static (read, key) => read.Main.TryGet(key, out var value) ? value.Length :
    /// -1);
    /// </code>
    /// </example>
    public TResult Read<TState, TResult>(TState state, ReadFunc<TState, TResult> read)
        where TState : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(read);
        using var transaction = BeginRead();
        return read(transaction, state);
    }

    /// <summary>
    /// As <see cref="Read{TState, TResult}"/>, for a callback that captures what it needs, or needs nothing.
    /// </summary>
    /// <param name="read">Gets the read transaction. What it throws is thrown.</param>
    /// <returns>What the callback returns.</returns>
    public TResult Read<TResult>(ReadFunc<TResult> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        return Read(read, static (transaction, read) => read(transaction));
    }

    /// <summary>
    /// Begins to write as <see cref="BeginWrite"/>, calls back, and commits as <see cref="WriteTransaction.Commit"/>.
    /// When it returns, the promise of the mode is met. What the callback throws aborts the transaction and is thrown.
    /// Thread-safe.
    /// </summary>
    /// <param name="state">Passed to the callback, which so can be static and captures nothing.</param>
    /// <param name="write">
    /// Writes, and does not end the transaction: then this throws <see cref="ObjectDisposedException"/>, and what was
    /// committed or aborted in there stays so. May not be asynchronous: the commit would not wait for it. That is what
    /// <c>WriteAsync</c> is for.
    /// </param>
    /// <param name="mode">What the commit promises.</param>
    /// <param name="cancellationToken">Gives up the place in the queue.</param>
    /// <returns>What the callback returns.</returns>
    /// <exception cref="ArgumentException">The callback returns a task; it was not called.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the callback was not called.</exception>
    /// <exception cref="WriterTimeoutException">The turn did not come in time; the callback was not called.</exception>
    /// <exception cref="DatabaseFullException">The disk is full; the transaction was aborted.</exception>
    /// <exception cref="DatabasePoisonedException">A flush or the meta write failed, now or earlier.</exception>
    /// <exception cref="InvalidOperationException">
    /// The database is open read-only; or as <see cref="WriteTransaction.Commit"/> and <see cref="BeginWrite"/>.
    /// </exception>
    /// <example>
    /// <code>
    /// bool isNew = db.Write("bob"u8, static (tx, key) => tx.Main.TryAdd(key, "1"u8));
    /// </code>
    /// </example>
    public TResult Write<TState, TResult>(
        TState state,
        WriteFunc<TState, TResult> write,
        CommitMode mode = CommitMode.Durable,
        CancellationToken cancellationToken = default)
        where TState : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(write);
        RequireNoTask<TResult>(nameof(write));
        using var transaction = BeginUnlessCancelled(cancellationToken);
        var result = write(transaction, state);
        transaction.Commit(mode);
        return result;
    }

    /// <summary>
    /// As <see cref="Write{TState, TResult}"/>, for a callback that captures what it needs, or needs nothing.
    /// </summary>
    /// <param name="write">Writes. May not be asynchronous.</param>
    /// <param name="mode">What the commit promises.</param>
    /// <param name="cancellationToken">Gives up the place in the queue.</param>
    /// <returns>What the callback returns.</returns>
    /// <exception cref="ArgumentException">The callback returns a task; it was not called.</exception>
    /// <example>
    /// <code>
    /// long orders = db.Write(tx => { tx.Main.Put(key, value); return tx.Main.Count; });
    /// </code>
    /// </example>
    public TResult Write<TResult>(
        Func<WriteTransaction, TResult> write,
        CommitMode mode = CommitMode.Durable,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(write);
        return Write(write, static (transaction, write) => write(transaction), mode, cancellationToken);
    }

    /// <inheritdoc cref="Write{TResult}"/>
    public void Write(
        Action<WriteTransaction> write,
        CommitMode mode = CommitMode.Durable,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(write);
        _ = Write(
            write,
            static (transaction, write) =>
            {
                write(transaction);
                return true;
            },
            mode,
            cancellationToken);
    }

    /// <summary>
    /// Begins to write as <see cref="BeginWriteAsync"/>, calls back, and commits as
    /// <see cref="WriteTransaction.CommitAsync(CommitMode, CancellationToken)"/>, without blocking a thread. What the
    /// callback throws aborts the transaction and is thrown. Thread-safe.
    /// </summary>
    /// <param name="state">Passed to the callback, which so can be static and captures nothing.</param>
    /// <param name="write">
    /// Writes, and does not end the transaction, as in <see cref="Write{TState, TResult}"/>. It may await; nobody else
    /// writes until it has completed.
    /// </param>
    /// <param name="mode">What the commit promises.</param>
    /// <param name="cancellationToken">
    /// Gives up the place in the queue, and ends the commit as
    /// <see cref="WriteTransaction.CommitAsync(CommitMode, CancellationToken)"/> says. The callback gets it, too.
    /// </param>
    /// <returns>What the callback returns.</returns>
    /// <exception cref="OperationCanceledException">Cancelled: nothing was committed.</exception>
    /// <exception cref="WriterTimeoutException">The turn did not come in time; the callback was not called.</exception>
    /// <exception cref="DatabaseFullException">The disk is full; the transaction was aborted.</exception>
    /// <exception cref="DatabasePoisonedException">A flush or the meta write failed, now or earlier.</exception>
    public ValueTask<TResult> WriteAsync<TState, TResult>(
        TState state,
        WriteAsyncFunc<TState, TResult> write,
        CommitMode mode = CommitMode.Durable,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(write);
        var writer = Core.RequireWriter();
        writer.RequireNoCallback();
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<TResult>(cancellationToken);
        }

        var transaction = new WriteTransaction(this, writer, Track(TransactionKind.Write));
        var call = new WriteCall<TState, TResult>(transaction, state, write)
        {
            IsDeferred = mode == CommitMode.Deferred,
            CancellationToken = cancellationToken,
        };
        var timeout = Core.Options.WriterTimeout;
        if (timeout != Timeout.InfiniteTimeSpan || cancellationToken.CanBeCanceled)
        {
            return new ValueTask<TResult>(PostAndWait(writer, call, timeout));
        }

        writer.Post(call);
        return new ValueTask<TResult>(call.Task);
    }

    /// <summary>
    /// As the overload whose callback may await, for one that does not.
    /// </summary>
    /// <param name="state">As there.</param>
    /// <param name="write">Writes.</param>
    /// <param name="mode">As there.</param>
    /// <param name="cancellationToken">As there.</param>
    /// <returns>What the callback returns.</returns>
    /// <exception cref="ArgumentException">The callback returns a task; it was not called.</exception>
    /// <example>
    /// <code>
    /// bool isNew = await db.WriteAsync(key, static (tx, key) => tx.Main.TryAdd(key, "1"u8));
    /// </code>
    /// </example>
    public ValueTask<TResult> WriteAsync<TState, TResult>(
        TState state,
        WriteFunc<TState, TResult> write,
        CommitMode mode = CommitMode.Durable,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(write);
        RequireNoTask<TResult>(nameof(write));
        return WriteAsync(
            (State: state, Write: write),
            static (transaction, call, _) => new ValueTask<TResult>(call.Write(transaction, call.State)),
            mode,
            cancellationToken);
    }

    /// <summary>
    /// As <see cref="WriteAsync{TState, TResult}(TState, WriteFunc{TState, TResult}, CommitMode, CancellationToken)"/>,
    /// for a callback that captures what it needs, or needs nothing.
    /// </summary>
    /// <param name="write">Writes, and does not await.</param>
    /// <param name="mode">As there.</param>
    /// <param name="cancellationToken">As there.</param>
    /// <returns>What the callback returns.</returns>
    /// <exception cref="ArgumentException">The callback returns a task; it was not called.</exception>
    public ValueTask<TResult> WriteAsync<TResult>(
        Func<WriteTransaction, TResult> write,
        CommitMode mode = CommitMode.Durable,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(write);
        RequireNoTask<TResult>(nameof(write));
        return WriteAsync(
            write,
            static (transaction, write, _) => new ValueTask<TResult>(write(transaction)),
            mode,
            cancellationToken);
    }

    /// <summary>
    /// As the overload with a state, for a callback that captures what it needs, or needs nothing.
    /// </summary>
    /// <param name="write">Writes. It may await; nobody else writes until it has completed.</param>
    /// <param name="mode">What the commit promises.</param>
    /// <param name="cancellationToken">As there.</param>
    /// <returns>What the callback returns.</returns>
    public ValueTask<TResult> WriteAsync<TResult>(
        Func<WriteTransaction, CancellationToken, ValueTask<TResult>> write,
        CommitMode mode = CommitMode.Durable,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(write);
        return WriteAsync(
            write, static (transaction, write, token) => write(transaction, token), mode, cancellationToken);
    }

    private static void RequireNoTask<TResult>(string parameter)
    {
        if (Result<TResult>.IsTask)
        {
            throw new ArgumentException(
                "The callback returns a task, which the commit would not wait for. Use WriteAsync with a callback that "
                + "returns a ValueTask.",
                parameter);
        }
    }

    /// <summary>Waits for a call whose caller may give its place in the queue up.</summary>
    private static async Task<TResult> PostAndWait<TState, TResult>(
        DatabaseWriter writer, WriteCall<TState, TResult> call, TimeSpan timeout)
    {
        using var clock = timeout == Timeout.InfiniteTimeSpan ? null : new CancellationTokenSource(timeout);
        using var cancelling = call.CancellationToken.UnsafeRegister(
            static (call, token) => ((WriteCall)call!).GiveUp(new OperationCanceledException(token)), call);
        using var expiring = (clock?.Token ?? default).UnsafeRegister(
            static call => ((WriteCall)call!).TimeOut(), call);
        writer.Post(call);
        return await call.Task.ConfigureAwait(false);
    }

    /// <summary>What is known of a type of results.</summary>
    private static class Result<T>
    {
        /// <summary>Whether a result is there before the work is done.</summary>
        public static readonly bool IsTask =
            typeof(Task).IsAssignableFrom(typeof(T))
            || typeof(T) == typeof(ValueTask)
            || (typeof(T).IsGenericType && typeof(T).GetGenericTypeDefinition() == typeof(ValueTask<>));
    }
}
