using System.Diagnostics.CodeAnalysis;
using Engine.Integrity;
using Engine.Pages;
using Engine.Storage;
using Engine.Transactions;

namespace Engine;

/// <summary>
/// An open database: one file of ordered key-value trees, one writer at a time, any number of readers that never block
/// it or each other. Thread-safe. Open one instance per file and process and keep it; dispose it when no transaction
/// needs it any more.
/// </summary>
public sealed partial class Database : IDisposable, IAsyncDisposable
{
    private const int RecentTrees = 256;

    /// <summary>
    /// Handles that were asked for lately, each where the hash of its name says, until another one takes the place.
    /// </summary>
    private readonly Tree?[] _recentTrees = new Tree?[RecentTrees];

    /// <summary>The transactions and snapshots that are open; null if that is not tracked.</summary>
    private readonly OpenTransactions? _open;

    private Database(DatabaseCore core)
    {
        Core = core;
        if (core.Options.TrackTransactions)
        {
            _open = new OpenTransactions(core.Options.Clock, Tell);
            core.WhenClosed = _open.Dispose;
        }

        Main = new Tree(this, new TreeName(string.Empty));
        Observe();
    }

    /// <summary>Where the database lies; of one in memory and of a fork, what messages call it.</summary>
    public string Path => Core.Name;

    /// <summary>
    /// With <see cref="DatabaseOptions.TrackTransactions"/>: somebody has forgotten to end a read transaction, a
    /// snapshot or a write transaction. It is noticed some seconds after the garbage collector has found that nothing
    /// refers to it any more, or else when the database is closed. The message names where it was begun.
    /// </summary>
    /// <remarks>
    /// Raised on a thread of the pool, and by closing on its own. What a handler throws is traced. Without a handler
    /// the message goes to <see cref="System.Diagnostics.Trace.TraceWarning(string)"/>. Nothing is ended by this: a
    /// forgotten write transaction keeps its turn, and a forgotten reader its pages, until the database is closed.
    /// </remarks>
    /// <example>
    /// <code>
    /// using var db = Database.Open("app.db", new DatabaseOptions { TrackTransactions = true });
    /// db.TransactionForgotten += (_, forgotten) => Console.Error.WriteLine(forgotten.Message);
    /// </code>
    /// </example>
    public event EventHandler<ForgottenTransactionEventArgs>? TransactionForgotten;

    /// <summary>Whether it is open without the right to write.</summary>
    public bool IsReadOnly => Core.Writer is null;

    /// <summary>
    /// What opening came across besides the state that it took: a commit that a crash cut off, a meta that has decayed.
    /// Null if there was nothing, and for a read-only database that was opened beside a process that writes. Look at it
    /// after opening: an older state than the newest one is never taken without a word here.
    /// </summary>
    public RecoveryReport? Recovery => Core.RecoveryReport;

    /// <summary>Page size in bytes.</summary>
    public int PageSize => Core.PageSize;

    /// <summary>The longest key, in bytes: a quarter of a page. Tree names have the same limit in UTF-8.</summary>
    public int MaxKeyLength => PageLayout.MaxKeyLength(Core.PageSize);

    /// <summary>The default tree, which always exists.</summary>
    public Tree Main { get; }

    internal DatabaseCore Core { get; }

    /// <summary>
    /// Opens a database, creating it if there is none and the options allow it. Recovers from a crash by itself.
    /// </summary>
    /// <param name="path">
    /// The file. Beside it lies a lock file, <c>path-lock</c>. If something else has that name, opening is refused and
    /// nothing is changed.
    /// </param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="DatabaseNotFoundException">
    /// There is no such file, and it may not be created; or its directory does not exist.
    /// </exception>
    /// <exception cref="DatabaseFormatException">
    /// The file is no database, has another format version than this engine's, or has another page size than asked for.
    /// </exception>
    /// <exception cref="DatabaseCorruptException">The file is damaged where opening needs it.</exception>
    /// <exception cref="DatabaseBusyException">
    /// It is open for writing elsewhere; or it is open by another name, so that readers and writers would not know each
    /// other.
    /// </exception>
    /// <exception cref="DatabaseReplacedException">
    /// The file was replaced by another one while somebody has it open, and still has.
    /// </exception>
    /// <exception cref="DatabaseAccessException">Rights are missing, or the medium is read-only.</exception>
    public static Database Open(string path, DatabaseOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new DatabaseOptions();
        options.Validate();
        var storage = new FileStorage(path, options.WithoutLock, options.ReadAhead, options.GuardedReads);
        return Open(DatabaseCore.Open(storage, options));
    }

    /// <summary>
    /// A database in memory, with the same code above the storage: for tests, and for data that need not survive.
    /// </summary>
    /// <param name="options">Null: the defaults.</param>
    public static Database OpenInMemory(DatabaseOptions? options = null) =>
        Open(new MemoryStorage(), options ?? new DatabaseOptions());

    /// <summary>
    /// The name of a tree as a handle for all that takes a tree. It is a name and no more: no I/O, the tree need not
    /// exist (<see cref="ReadTransaction.TreeExists(Tree)"/>, <see cref="WriteTransaction.TreeExists(Tree)"/>), nothing
    /// is created (<see cref="WriteTransaction.CreateTree(string)"/>), and the handle does not follow a tree that is
    /// renamed. Handles of one name are equal; keep one, because each remembers where its tree was found. Thread-safe.
    /// </summary>
    /// <param name="name">
    /// Any non-empty string of whole characters (no half of a surrogate pair); its UTF-8 form has at most
    /// <see cref="MaxKeyLength"/> bytes.
    /// </param>
    /// <exception cref="KeyTooLongException">The name is too long.</exception>
    /// <exception cref="ArgumentException">The name is empty or no whole characters.</exception>
    public Tree GetTree(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ref var recent = ref _recentTrees[(uint)name.GetHashCode() % RecentTrees];
        var tree = Volatile.Read(ref recent);
        if (tree is null || tree.Name != name)
        {
            tree = NewTree(name);
            Volatile.Write(ref recent, tree);
        }

        return tree;
    }

    /// <summary>
    /// The name of a tree and the types of its keys and values, whose codecs go without saying
    /// (<see cref="KeyCodec.Default"/>, <see cref="ValueCodec.Default"/>). Otherwise as
    /// <see cref="GetTree{TKey, TValue}(string, KeyCodec{TKey}, ValueCodec{TValue})"/>.
    /// </summary>
    /// <exception cref="NotSupportedException">A type has no codec that goes without saying.</exception>
    public Tree<TKey, TValue> GetTree<TKey, TValue>(string name) =>
        GetTree(name, KeyCodec.Default<TKey>(), ValueCodec.Default<TValue>());

    /// <summary>
    /// The name of a tree together with the codecs of its keys and values. As <see cref="GetTree(string)"/>, this does
    /// no I/O and creates nothing; whether the tree has these codecs is looked at when it is opened within a
    /// transaction. Keep the handle: it remembers that. Thread-safe.
    /// </summary>
    /// <param name="name">As for <see cref="GetTree(string)"/>. (The default tree, which has no name, has no
    /// codecs.)</param>
    /// <param name="keyCodec">How keys become bytes.</param>
    /// <param name="valueCodec">How values become bytes. Each codec of keys is one of values as well.</param>
    /// <exception cref="KeyTooLongException">The name is too long.</exception>
    /// <exception cref="ArgumentException">The name is empty or no whole characters.</exception>
    public Tree<TKey, TValue> GetTree<TKey, TValue>(
        string name, KeyCodec<TKey> keyCodec, ValueCodec<TValue> valueCodec)
    {
        ArgumentNullException.ThrowIfNull(keyCodec);
        ArgumentNullException.ThrowIfNull(valueCodec);
        return name is ""
            ? throw new ArgumentException("The default tree has no codecs: give a typed tree a name.", nameof(name))
            : new(GetTree(name), keyCodec, valueCodec);
    }

    /// <summary>
    /// The name of a multi-valued tree as a handle. As <see cref="GetTree(string)"/>, this does no I/O and creates
    /// nothing (<see cref="WriteTransaction.CreateMultiTree"/> does). Keep the handle. Thread-safe.
    /// </summary>
    /// <param name="name">As for <see cref="GetTree(string)"/>. (The default tree, which has no name, is none.)</param>
    /// <exception cref="KeyTooLongException">The name is too long.</exception>
    /// <exception cref="ArgumentException">The name is empty or no whole characters.</exception>
    public MultiTree GetMultiTree(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new MultiTree(NewTree(name, TreeForm.Pairs));
    }

    /// <summary>Begins to read the newest published state. Never blocks, allocates nothing.</summary>
    /// <exception cref="ReadersFullException">Too many read transactions and snapshots are open.</exception>
    /// <exception cref="DatabaseBusyException">
    /// The database is open read-only, and another process is still recovering it after ten seconds.
    /// </exception>
    /// <exception cref="DatabaseReplacedException">
    /// The database is open read-only, and another file has taken its place.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The database was closed.</exception>
    public ReadTransaction BeginRead()
    {
        var token = Track(TransactionKind.Read);
        var context = Core.Readers.BeginRead(out var epoch);
        token?.Begin(context.TransactionId, context.Slot);
        return new ReadTransaction(this, context, epoch, token);
    }

    /// <summary>
    /// As <see cref="BeginRead()"/>, for something that can be told apart by <see cref="GetReaders"/>.
    /// </summary>
    /// <param name="tag">What the transaction is for.</param>
    public ReadTransaction BeginRead(string tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        var token = Track(TransactionKind.Read);
        var context = Core.Readers.BeginRead(out var epoch);
        context.SetTag(tag, epoch);
        token?.Begin(context.TransactionId, context.Slot);
        return new ReadTransaction(this, context, epoch, token);
    }

    /// <summary>
    /// Pins the newest published state for use across <c>await</c> and threads. Dispose it when done.
    /// </summary>
    public Snapshot OpenSnapshot()
    {
        var token = Track(TransactionKind.Snapshot);
        var pin = Core.Readers.BeginShared();
        token?.Begin(pin.State.Id, pin.Slot);
        return new Snapshot(this, pin, token);
    }

    /// <summary>
    /// Begins to write, waiting (the thread is blocked) until it is this caller's turn. Turns go in the order of
    /// arrival, except that a thread that waits here goes before a caller of
    /// <see cref="BeginWriteAsync"/> whose continuation has not found a thread of the pool yet. A transaction that
    /// waits for another one of the same thread waits until
    /// <see cref="DatabaseOptions.WriterTimeout"/>, by default for ever. An interruption (<see
    /// cref="Thread.Interrupt"/>) ends the waiting.
    /// </summary>
    /// <remarks>
    /// What is awaited between this and the commit needs a thread of the pool, and those may all be waiting here: then
    /// use <see cref="BeginWriteAsync"/> everywhere.
    /// </remarks>
    /// <exception cref="WriterTimeoutException">The turn did not come in time.</exception>
    /// <exception cref="DatabasePoisonedException">
    /// An earlier commit failed in a way that only reopening can resolve.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The database is open read-only; or a fill callback of this thread's write transaction calls this.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The database was closed, perhaps while this waited.</exception>
    public WriteTransaction BeginWrite() => BeginUnlessCancelled(CancellationToken.None);

    private WriteTransaction BeginUnlessCancelled(CancellationToken cancellationToken)
    {
        // Made first: when the turn has come, nothing may fail that would keep it for ever.
        var writer = Core.RequireWriter();
        var transaction = new WriteTransaction(this, writer, Track(TransactionKind.Write));
        transaction.Start(writer.BeginWrite(transaction.Origin, cancellationToken));
        return transaction;
    }

    /// <summary>
    /// Begins to write if it is this caller's turn within some time, during which the thread is blocked. Otherwise as
    /// <see cref="BeginWrite"/>.
    /// </summary>
    /// <param name="timeout">
    /// How long to wait, at most 24 days; zero: not at all; <see cref="Timeout.InfiniteTimeSpan"/>: as long as it
    /// takes. <see cref="DatabaseOptions.WriterTimeout"/> has no part in it.
    /// </param>
    /// <param name="transaction">The transaction, if the turn came.</param>
    /// <returns>Whether the turn came.</returns>
    public bool TryBeginWrite(TimeSpan timeout, [NotNullWhen(true)] out WriteTransaction? transaction)
    {
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, DatabaseOptions.LongestWait);
        }

        var writer = Core.RequireWriter();
        transaction = new WriteTransaction(this, writer, Track(TransactionKind.Write));
        if (writer.TryBeginWrite(timeout, transaction.Origin, out var running))
        {
            transaction.Start(running);
            return true;
        }

        transaction = null;
        return false;
    }

    /// <summary>
    /// Begins to write when it is this caller's turn, without blocking a thread. (When the turn has come and a thread
    /// of the pool is there, but a blocked thread was faster, it waits for the end of that one's transaction.) See <see
    /// cref="BeginWrite"/> for the order of turns and for errors.
    /// </summary>
    /// <param name="cancellationToken">
    /// Gives up the place in the queue. A turn that came at the same moment goes to the next in line.
    /// </param>
    /// <exception cref="OperationCanceledException">Cancelled; nothing was begun.</exception>
    public async ValueTask<WriteTransaction> BeginWriteAsync(CancellationToken cancellationToken = default)
    {
        var writer = Core.RequireWriter();
        var transaction = new WriteTransaction(this, writer, Track(TransactionKind.Write));
        transaction.Start(await writer.BeginWriteAsync(transaction.Origin, cancellationToken).ConfigureAwait(false));
        return transaction;
    }

    /// <summary>
    /// Makes every deferred commit durable that was made before the call; the thread is blocked while the disk works.
    /// Does not wait for a write transaction that is open, nor includes what that has changed: so it may be called
    /// within one, but for a fill callback. Returns at once if there is nothing to do. Thread-safe; calls at the same
    /// time share a flush.
    /// </summary>
    /// <exception cref="DatabasePoisonedException">
    /// This flush, or an earlier one, failed: whether the deferred commits are on disk is unknown. Only reopening can
    /// tell.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The database is open read-only; or a fill callback of this thread's write transaction calls this.
    /// </exception>
    public void Flush() => Core.RequireWriter().Flush();

    /// <summary>
    /// As <see cref="Flush"/>, without blocking a thread of the pool: a thread of the database's own waits for the
    /// disk.
    /// </summary>
    /// <param name="cancellationToken">
    /// Ends the waiting with an <see cref="OperationCanceledException"/>; a flush that has begun, or is about to, goes
    /// on.
    /// </param>
    public async ValueTask FlushAsync(CancellationToken cancellationToken = default) =>
        await Core.RequireWriter().FlushAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Checks every page of the newest durable state against the format, with code that is independent of the writer;
    /// makes deferred commits durable first. Reads the file from end to end with positional reads, while others go on
    /// reading and writing. Damage is reported, not thrown. What a write transaction that is open has changed is no
    /// part of it; nor is a named snapshot that is deleted, or a consumer that moves on, before it is its turn.
    /// </summary>
    /// <param name="options">Null: one thread, and no word meanwhile.</param>
    /// <param name="cancellationToken">Ends the check with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <see cref="IntegrityCheckOptions.MaxDegreeOfParallelism"/> is 0, or below -1.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// A fill callback of this thread's write transaction calls this.
    /// </exception>
    public IntegrityReport Check(
        IntegrityCheckOptions? options = null, CancellationToken cancellationToken = default)
    {
        Core.RequireNoCallback();
        options ??= new IntegrityCheckOptions();
        const int Patience = 100;
        for (var attempt = 0; ; attempt++)
        {
            if (!IsReadOnly)
            {
                Flush();
            }

            using var snapshot = OpenSnapshot();
            var isDurable = snapshot.TransactionId == Core.DurableId;
            if (isDurable || attempt == Patience)
            {
                var ofState = new IntegrityCheckOptions
                {
                    MaxDegreeOfParallelism = options.MaxDegreeOfParallelism,
                    MaximumProblems = options.MaximumProblems,
                    Progress = options.Progress,
                    MetaId = snapshot.TransactionId,
                    HoldSnapshot = HoldSnapshot,
                    BorrowedPages = Core.BorrowedPages,
                };
                var report = IntegrityCheck.Run(new StorageFileReader(Core.File), ofState, cancellationToken);

                // Two commits since the snapshot was taken have overwritten its meta before the check could read it:
                // once more, with a newer one.
                if (report.MetaSlot is not null || Core.DurableId == snapshot.TransactionId || attempt >= Patience)
                {
                    return report;
                }
            }
        }
    }

    /// <summary>
    /// Makes deferred commits durable and closes the database. A write transaction that is open is aborted, those who
    /// wait to write are told. Read transactions that are open end: their next use throws. Waits for an operation of a
    /// write transaction, a commit or a flush that is under way. Disposing again does nothing.
    /// </summary>
    /// <exception cref="DatabasePoisonedException">
    /// There are deferred commits that could not be made durable, now or by an earlier flush that failed: they are
    /// lost, unless the next opening finds them on disk. The database is closed nevertheless.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// A fill callback of this thread's write transaction calls this. The database stays open.
    /// </exception>
    public void Dispose() => Core.Dispose();

    /// <summary>
    /// As <see cref="Dispose"/>, without blocking a thread of the pool: a thread of the database's own waits for the
    /// disk, and for what is under way. Disposing again returns at once, even if the first time has not ended yet.
    /// </summary>
    /// <exception cref="DatabasePoisonedException">As <see cref="Dispose"/>.</exception>
    /// <exception cref="InvalidOperationException">
    /// As <see cref="Dispose"/>; thrown by the call itself, and the database stays open.
    /// </exception>
    public ValueTask DisposeAsync() => Core.DisposeAsync();

    internal static Database Open(IStorage storage, DatabaseOptions options)
    {
        try
        {
            options.Validate();
        }
        catch (ArgumentException)
        {
            storage.Dispose();
            throw;
        }

        return Open(DatabaseCore.Open(storage, options));
    }

    private static Database Open(DatabaseCore core)
    {
        try
        {
            return new Database(core);
        }
        catch
        {
            core.Dispose();
            throw;
        }
    }

    internal void CheckOwn(Tree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        if (!ReferenceEquals(tree.Database, this))
        {
            ThrowForeign(tree);
        }
    }

    private Tree NewTree(string name, TreeForm form = TreeForm.Plain)
    {
        var id = new TreeName(name, form);
        var limit = PageLayout.MaxNameLength(PageSize);
        return id.Bytes.Length <= limit ? new Tree(this, id) : throw new KeyTooLongException(id.Bytes.Length, limit);
    }

    /// <summary>Looks now for what was forgotten.</summary>
    internal void CheckOwn(Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (!ReferenceEquals(snapshot.Database, this))
        {
            throw new ArgumentException(
                "The snapshot is one of another database. Open one of this database with OpenSnapshot.",
                nameof(snapshot));
        }
    }

    internal void LookForForgotten() => _open?.Look();

    /// <summary>Something is about to begin; null if that is not tracked.</summary>
    internal TransactionToken? Track(TransactionKind kind) => _open?.Add(kind);

    private void Tell(OpenTransaction transaction, TimeSpan age, bool isAtClosing)
    {
        var (kind, id, origin) = (transaction.Kind, transaction.TransactionId, transaction.Origin);
        var forgotten = new ForgottenTransactionEventArgs(Path, kind, id, age, origin, isAtClosing);
        if (TransactionForgotten is not { } handlers)
        {
            System.Diagnostics.Trace.TraceWarning("{0}", forgotten.Message);
            return;
        }

        try
        {
            handlers(this, forgotten);
        }
        catch (Exception e)
        {
            // Nobody is here to be told: the next one is told of, and the database goes on, or is closed.
            System.Diagnostics.Trace.TraceError("A handler of TransactionForgotten failed: {0}", e);
        }
    }

    private static void ThrowForeign(Tree tree) =>
        throw new ArgumentException(
            $"Tree '{tree}' is a handle of another database. Get one from this database with GetTree.", nameof(tree));
}
