using System.Diagnostics.CodeAnalysis;
using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <summary>
/// One expiring tree of one write transaction, to change it and to read what it has become: <c>tx[tree]</c>. Passed by
/// value. As <see cref="TreeWriter"/> it looks for the tree by each operation, and each operation asks for the time. To
/// read without copying there is <see cref="WriteTransaction.Read{TState, TResult}"/>.
/// </summary>
/// <remarks>
/// <para>
/// An entry that has expired is not there for any member but <see cref="Clear"/>, <see cref="CountWithExpired"/> and
/// <see cref="RemoveExpired"/>. It is stored with eight bytes more than its value, and the longest key is eight bytes
/// shorter than <see cref="Database.MaxKeyLength"/>. Times are kept in milliseconds, rounded up; one that has passed
/// already is taken like any other: what is put so is not there. <see cref="DateTimeOffset.MaxValue"/> is never.
/// </para>
/// <para>
/// A commit of the transaction also removes expired entries of the trees that it has put entries into or deleted some
/// from: at most 16 of each tree, and two for each of its changes. These are ordinary deletions.
/// </para>
/// <para>
/// Every member throws <see cref="TreeNotFoundException"/> if there is no such tree, and
/// <see cref="TreeOptionsException"/> if it is no expiring one, beside what the members of <see cref="TreeWriter"/>
/// throw. Nothing here allocates except what says so.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// using var tx = db.BeginWrite();
/// var sessions = tx.CreateExpiringTree("sessions");
/// tx[sessions].Put("ada"u8, "token"u8, TimeSpan.FromMinutes(20));
/// bool isThere = tx[sessions].Touch("ada"u8, TimeSpan.FromMinutes(30));
/// tx.Commit();
/// </code>
/// </example>
public readonly ref struct ExpiringTreeWriter
{
    private readonly WriteTransaction _transaction;
    private readonly ExpiringTree _tree;

    internal ExpiringTreeWriter(WriteTransaction transaction, ExpiringTree tree)
    {
        _transaction = transaction;
        _tree = tree;
    }

    /// <summary>The tree's name.</summary>
    public ExpiringTree Tree
    {
        get
        {
            RequireTransaction();
            return _tree;
        }
    }

    /// <summary>
    /// The entries that the tree has room for, as the transaction has it: those that have expired and were not cleaned
    /// yet as well. O(1).
    /// </summary>
    public long CountWithExpired => GetStatistics().Entries;

    private TreeName Id => _tree.Entries.Id;

    private ulong Now => _tree.Entries.Database.UnixTime;

    /// <summary>
    /// The tree in numbers, as the transaction has it; its entries are those that it has room for. O(1).
    /// </summary>
    public TreeStatistics GetStatistics()
    {
        RequireTransaction();
        using var entered = _transaction.EnterToRead(out var context);
        context.RequireExpiring(Id);
        return TreeStatistics.From(context.Resolve(Id));
    }

    /// <summary>Writes an entry that does not expire; replaces one that is there.</summary>
    /// <param name="key">The key; may be empty.</param>
    /// <param name="value">The value; may be empty.</param>
    /// <exception cref="KeyTooLongException">The key is too long; nothing was changed.</exception>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        Put(key, value, ExpiryForm.Never, PutMode.Overwrite);

    /// <summary>Writes an entry that expires at a time; replaces one that is there, and its time.</summary>
    /// <param name="key">The key; may be empty.</param>
    /// <param name="value">The value; may be empty.</param>
    /// <param name="expiresAt">From when on it is not there.</param>
    /// <exception cref="KeyTooLongException">The key is too long; nothing was changed.</exception>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, DateTimeOffset expiresAt) =>
        Put(key, value, ExpiryForm.From(expiresAt), PutMode.Overwrite);

    /// <summary>Writes an entry that expires after a while; replaces one that is there, and its time.</summary>
    /// <param name="key">The key; may be empty.</param>
    /// <param name="value">The value; may be empty.</param>
    /// <param name="timeToLive">How long it is there from now on; more than zero.</param>
    /// <exception cref="KeyTooLongException">The key is too long; nothing was changed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time to live is zero or negative.</exception>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, TimeSpan timeToLive) =>
        Put(key, value, After(timeToLive), PutMode.Overwrite);

    /// <summary>Writes an entry that does not expire, unless the key is there.</summary>
    /// <returns>False, with nothing changed, if the key is there and has not expired.</returns>
    /// <inheritdoc cref="Put(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public bool TryAdd(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        Put(key, value, ExpiryForm.Never, PutMode.AddOnly);

    /// <summary>Writes an entry that expires at a time, unless the key is there.</summary>
    /// <returns>False, with nothing changed, if the key is there and has not expired.</returns>
    /// <inheritdoc cref="Put(ReadOnlySpan{byte}, ReadOnlySpan{byte}, DateTimeOffset)"/>
    public bool TryAdd(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, DateTimeOffset expiresAt) =>
        Put(key, value, ExpiryForm.From(expiresAt), PutMode.AddOnly);

    /// <summary>Writes an entry that expires after a while, unless the key is there.</summary>
    /// <returns>False, with nothing changed, if the key is there and has not expired.</returns>
    /// <inheritdoc cref="Put(ReadOnlySpan{byte}, ReadOnlySpan{byte}, TimeSpan)"/>
    public bool TryAdd(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, TimeSpan timeToLive) =>
        Put(key, value, After(timeToLive), PutMode.AddOnly);

    /// <summary>
    /// Lets an entry expire at another time; <see cref="DateTimeOffset.MaxValue"/>: never. Writes its value again, if
    /// the time is another one.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="expiresAt">From when on it is not there.</param>
    /// <returns>Whether the key is there; one that has expired is not.</returns>
    public bool Touch(ReadOnlySpan<byte> key, DateTimeOffset expiresAt) => Touch(key, ExpiryForm.From(expiresAt));

    /// <summary>Lets an entry expire after a while from now, whenever it would have. Writes its value again.</summary>
    /// <param name="key">The key.</param>
    /// <param name="timeToLive">How long it is there from now on; more than zero.</param>
    /// <returns>Whether the key is there; one that has expired is not.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time to live is zero or negative.</exception>
    public bool Touch(ReadOnlySpan<byte> key, TimeSpan timeToLive) => Touch(key, After(timeToLive));

    /// <summary>Deletes an entry.</summary>
    /// <returns>Whether the key was there; one that had expired was not.</returns>
    public bool Delete(ReadOnlySpan<byte> key)
    {
        RequireTransaction();
        using var entered = _transaction.Enter(out var context);
        return context.DeleteExpiring(Id, key, Now);
    }

    /// <summary>Deletes all entries of the tree, which stays. O(pages): each page is read for its birth.</summary>
    /// <returns>How many entries the tree had room for.</returns>
    public long Clear()
    {
        RequireTransaction();
        using var entered = _transaction.Enter(out var context);
        context.RequireExpiring(Id);
        return Amount.From(context.Clear(Id));
    }

    /// <summary>
    /// Removes entries that have expired, those first that have done so first. Readers do not see the difference; the
    /// room that they take is given back. Costs two deletions for each.
    /// </summary>
    /// <param name="max">No more than so many.</param>
    /// <returns>How many were removed; fewer than the most if no more have expired.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public int RemoveExpired(int max)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(max);
        RequireTransaction();
        using var entered = _transaction.Enter(out var context);
        return context.RemoveExpired(Id, Now, max);
    }

    /// <summary>
    /// A copy of a value, or null if the key is absent or has expired. Allocates the copy;
    /// <see cref="TryGet(ReadOnlySpan{byte}, Span{byte}, out int)"/> does not.
    /// </summary>
    public byte[]? Get(ReadOnlySpan<byte> key)
    {
        RequireTransaction();
        using var entered = _transaction.EnterToRead(out var context);
        return context.TryGetLive(Id, key, Now, out var value, out _) ? value.ToArray() : null;
    }

    /// <inheritdoc cref="TreeWriter.TryGet"/>
    public GetResult TryGet(ReadOnlySpan<byte> key, Span<byte> destination, out int valueLength)
    {
        RequireTransaction();
        using var entered = _transaction.EnterToRead(out var context);
        var isFound = context.TryGetLive(Id, key, Now, out var value, out _);
        return Copied.To(destination, isFound, value, out valueLength);
    }

    /// <summary>When an entry expires.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expiresAt">The time, in UTC, to the millisecond; null: never, or there is no such entry.</param>
    /// <returns>Whether the key is there and has not expired.</returns>
    public bool TryGetExpiry(ReadOnlySpan<byte> key, out DateTimeOffset? expiresAt)
    {
        RequireTransaction();
        using var entered = _transaction.EnterToRead(out var context);
        var isFound = context.TryGetLive(Id, key, Now, out _, out var time);
        expiresAt = isFound ? ExpiryForm.ToTime(time) : null;
        return isFound;
    }

    /// <summary>Whether a key is there and has not expired.</summary>
    public bool ContainsKey(ReadOnlySpan<byte> key)
    {
        RequireTransaction();
        using var entered = _transaction.EnterToRead(out var context);
        return context.TryGetLive(Id, key, Now, out _, out _);
    }

    private bool Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong time, PutMode mode)
    {
        RequireTransaction();
        using var entered = _transaction.Enter(out var context);
        return context.PutExpiring(Id, key, value, time, Now, mode);
    }

    private bool Touch(ReadOnlySpan<byte> key, ulong time)
    {
        RequireTransaction();
        using var entered = _transaction.Enter(out var context);
        return context.TouchExpiring(Id, key, time, Now);
    }

    private ulong After(TimeSpan timeToLive)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeToLive, TimeSpan.Zero);
        RequireTransaction();
        return ExpiryForm.After(Now, timeToLive);
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
            "A default tree writer writes nothing. Get one from a write transaction: tx[tree].");
}
