using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Engine.Pages;
using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <summary>
/// One tree of one write transaction, to change it and to read what it has become: <c>tx.Main.Put(key, value)</c>,
/// <c>tx[users].Delete(key)</c>. Passed by value; it is no more than the transaction and the tree's name together, so
/// making one costs nothing and does nothing.
/// </summary>
/// <remarks>
/// <para>
/// Every read sees what the transaction has written, and copies: the pages that the transaction has changed are changed
/// again by the next write. To look without copying there is <see cref="WriteTransaction.Read{TState, TResult}"/>; to
/// walk over the tree and change it on the way, <see cref="OpenCursor"/>.
/// </para>
/// <para>
/// The tree is looked for by each operation, not when the writer is made. So a writer of a tree that is created,
/// dropped or renamed meanwhile goes on with whatever has its name by then. Every member but <see cref="Tree"/> throws
/// <see cref="TreeNotFoundException"/> if there is none, <see cref="ObjectDisposedException"/> if the transaction has
/// ended, and <see cref="InvalidOperationException"/> if the transaction is used by another thread or one of its
/// callbacks at this moment, if an earlier operation has ended in the middle (then it can only be aborted), or on a
/// <c>default</c> writer.
/// </para>
/// <para>
/// Keys are compared bytewise. They have at most <see cref="Database.MaxKeyLength"/> bytes, and may be empty: writing a
/// longer one throws <see cref="KeyTooLongException"/>, looking for one finds nothing. Serves one thread at a time, as
/// its transaction does. Nothing here allocates except what says so.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// using var tx = db.BeginWrite();
/// var users = tx[tx.CreateTree("users")];
/// users.Put("ada"u8, "Ada Lovelace"u8);
/// users.Put("alan"u8, "Alan Turing"u8);
/// long removed = users.DeletePrefix("al"u8);
/// tx.Commit();
/// </code>
/// </example>
public readonly ref partial struct TreeWriter
{
    private readonly WriteTransaction _transaction;
    private readonly Tree _tree;

    internal TreeWriter(WriteTransaction transaction, Tree tree)
    {
        _transaction = transaction;
        _tree = tree;
    }

    /// <summary>The tree's name.</summary>
    public Tree Tree
    {
        get
        {
            RequireTransaction();
            return _tree;
        }
    }

    /// <summary>Entries of the tree, those that the transaction has written included. O(1).</summary>
    public long Count => GetStatistics().Entries;

    /// <summary>The tree in numbers, as the transaction has it. O(1).</summary>
    public TreeStatistics GetStatistics()
    {
        using var entered = EnterToRead(out var context);
        return TreeStatistics.From(context.Resolve(_tree.Id));
    }

    /// <summary>Writes an entry, replacing the value if the key is there.</summary>
    /// <param name="key">Up to <see cref="Database.MaxKeyLength"/> bytes; may be empty.</param>
    /// <param name="value">Up to 2,147,483,647 bytes (as far as memory and disk allow); may be empty.</param>
    /// <exception cref="KeyTooLongException">The key is too long; nothing was changed.</exception>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    /// <exception cref="DatabaseFullException">
    /// The disk is full, and a large value or what exceeds the memory had to be written; the transaction can only be
    /// aborted.
    /// </exception>
    /// <exception cref="DatabaseCorruptException">
    /// A page on the way to the key is damaged; the transaction can only be aborted.
    /// </exception>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        using var entered = Enter(out var context);
        context.Put(_tree.Id, key, value, PutMode.Overwrite);
    }

    /// <summary>Writes an entry whose value a callback fills in place, which saves a copy.</summary>
    /// <param name="key">As in <see cref="Put(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>.</param>
    /// <param name="valueLength">Length of the value in bytes.</param>
    /// <param name="state">Passed to the callback.</param>
    /// <param name="fill">
    /// Gets the value's bytes, all zero, until it returns. Using or ending the transaction in there, or writing to,
    /// flushing, checking or closing its database, throws. If it throws, the transaction can only be aborted.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative; nothing was changed.</exception>
    /// <exception cref="KeyTooLongException">The key is too long; nothing was changed.</exception>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    /// <exception cref="DatabaseFullException">
    /// As in <see cref="Put(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>.
    /// </exception>
    public void Put<TState>(ReadOnlySpan<byte> key, int valueLength, TState state, SpanAction<byte, TState> fill)
        where TState : allows ref struct
    {
        ArgumentOutOfRangeException.ThrowIfNegative(valueLength);
        ArgumentNullException.ThrowIfNull(fill);
        using var entered = Enter(out var context);
        context.Put(_tree.Id, key, valueLength, state, fill);
    }

    /// <summary>Writes an entry unless the key is there.</summary>
    /// <param name="key">As in <see cref="Put(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>.</param>
    /// <param name="value">As in <see cref="Put(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>.</param>
    /// <returns>False, with nothing changed, if the key is there.</returns>
    /// <exception cref="KeyTooLongException">The key is too long; nothing was changed.</exception>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    /// <exception cref="DatabaseFullException">
    /// As in <see cref="Put(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>.
    /// </exception>
    public bool TryAdd(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        using var entered = Enter(out var context);
        return context.Put(_tree.Id, key, value, PutMode.AddOnly);
    }

    /// <summary>Deletes an entry.</summary>
    /// <returns>Whether the key was there.</returns>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public bool Delete(ReadOnlySpan<byte> key)
    {
        using var entered = Enter(out var context);
        return context.Delete(_tree.Id, key);
    }

    /// <summary>
    /// Deletes the entries with from ≤ key &lt; to; none if <paramref name="from"/> is not below <paramref name="to"/>.
    /// Subtrees inside the range are unlinked whole. Allocates copies of the bounds.
    /// </summary>
    /// <param name="from">The first key of the range; of any length.</param>
    /// <param name="to">The first key behind the range; of any length.</param>
    /// <returns>How many entries there were.</returns>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public long DeleteRange(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) => DeleteRange(from, to, hasTo: true);

    /// <summary>Deletes the entries with key ≥ from. Allocates a copy of the bound.</summary>
    /// <param name="from">The first key of the range; of any length. Empty: all entries.</param>
    /// <returns>How many entries there were.</returns>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public long DeleteFrom(ReadOnlySpan<byte> from) => DeleteRange(from, default, hasTo: false);

    /// <summary>
    /// Deletes the entries whose keys begin with a prefix: the same that <see cref="TreeReader.Prefix"/> shows.
    /// Allocates copies of the prefix.
    /// </summary>
    /// <param name="prefix">Of any length. Empty: every key begins with it.</param>
    /// <returns>How many entries there were.</returns>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public long DeletePrefix(ReadOnlySpan<byte> prefix)
    {
        const int OnStack = 1024;
        if (prefix.Length <= OnStack)
        {
            return DeletePrefix(prefix, stackalloc byte[OnStack]);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(prefix.Length);
        try
        {
            return DeletePrefix(prefix, buffer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Deletes all entries of the tree, which stays. O(pages): each page is read for its birth.</summary>
    /// <returns>How many entries there were.</returns>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public long Clear()
    {
        using var entered = Enter(out var context);
        return Amount.From(context.Clear(_tree.Id));
    }

    /// <summary>
    /// A copy of a value, or null if the key is absent. Allocates the copy; <see cref="TryGet"/> does not.
    /// </summary>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public byte[]? Get(ReadOnlySpan<byte> key)
    {
        using var entered = EnterToRead(out var context);
        return context.TryGet(_tree.Id, key, out var value) ? value.ToArray() : null;
    }

    /// <summary>Copies a value into memory of the caller's. Allocates nothing.</summary>
    /// <param name="key">The key.</param>
    /// <param name="destination">
    /// Gets the value, from its first byte on; stays as it is unless the result is <see cref="GetResult.Found"/>.
    /// </param>
    /// <param name="valueLength">
    /// Length of the value in bytes, also when the destination is too small for it; zero if the key is absent. What was
    /// copied is <c>destination[..valueLength]</c>.
    /// </param>
    /// <returns>
    /// Whether the value was found and copied; a value that does not fit is not taken for an absent one.
    /// </returns>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public GetResult TryGet(ReadOnlySpan<byte> key, Span<byte> destination, out int valueLength)
    {
        using var entered = EnterToRead(out var context);
        var isFound = context.TryGet(_tree.Id, key, out var value);
        return Copied.To(destination, isFound, value, out valueLength);
    }

    /// <summary>Whether a key is there. Does not touch the value.</summary>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public bool ContainsKey(ReadOnlySpan<byte> key)
    {
        using var entered = EnterToRead(out var context);
        return context.Contains(_tree.Id, key);
    }

    /// <summary>
    /// A cursor in the tree, for walks that change it; it survives every change of the tree, and what it shows is
    /// copied. It stands before the first entry. Allocates the cursor. The tree is looked for when the cursor is moved.
    /// </summary>
    public WriteCursor OpenCursor()
    {
        using var entered = EnterToRead(out var context);
        return new WriteCursor(_transaction, context, _tree);
    }

    /// <summary>
    /// Begins to load many entries, sorted or not, into the tree. Until the load is completed the transaction cannot be
    /// committed, and if the loader is disposed without that, it can only be aborted. Allocates the loader.
    /// </summary>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public BulkLoader BeginLoad(BulkLoadOptions? options = null)
    {
        options ??= new BulkLoadOptions();
        options.Validate();
        using var entered = Enter(out var context);
        var loader = new BulkLoader(_transaction, _tree, options);
        context.BeginLoad(_tree.Id, loader);
        return loader;
    }

    /// <summary>
    /// Loads all entries of a sequence, sorted or not, as <see cref="BeginLoad"/> does. If the sequence throws, the
    /// transaction can only be aborted. Allocates the loader.
    /// </summary>
    /// <param name="entries">
    /// Keys and values; of equal keys the last one remains. The transaction must not be used by it, but to read.
    /// </param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>How many entries the sequence had.</returns>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    /// <exception cref="KeyTooLongException">A key is too long; the transaction can only be aborted.</exception>
    public long Load(IEnumerable<KeyValuePair<byte[], byte[]>> entries, BulkLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(entries);
        using var loader = BeginLoad(options);
        foreach (var (key, value) in entries)
        {
            loader.Add(key, value);
        }

        loader.Complete();
        return loader.Added;
    }

    /// <summary>Writes an entry if it only has to be set behind the last one.</summary>
    internal AppendResult TryAppend(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, int load)
    {
        using var entered = Enter(out var context);
        return context.TryAppend(_tree.Id, key, value, load);
    }

    private long DeletePrefix(ReadOnlySpan<byte> prefix, Span<byte> buffer)
    {
        var hasEnd = RangeBounds.TrySuccessor(prefix, buffer, out var end);
        return DeleteRange(prefix, end, hasEnd);
    }

    private long DeleteRange(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool hasTo)
    {
        using var entered = Enter(out var context);
        return Amount.From(context.DeleteRange(_tree.Id, from, to, hasTo));
    }

    private TransactionScope Enter(out WriteContext context)
    {
        RequireTransaction();
        return _transaction.Enter(out context);
    }

    private TransactionScope EnterToRead(out WriteContext context)
    {
        RequireTransaction();
        return _transaction.EnterToRead(out context);
    }

    private void RequireTransaction()
    {
        if (_transaction is null)
        {
            ThrowDefault();
        }
    }

    [DoesNotReturn]
    private static void ThrowDefault() =>
        throw new InvalidOperationException(
            "A default tree writer writes nothing. Get one from a write transaction: tx.Main, or tx[tree].");
}
