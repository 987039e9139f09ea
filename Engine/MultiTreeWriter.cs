using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <summary>
/// One multi-valued tree of one write transaction, to change it and to read what it has become: <c>tx[tree]</c>. Passed
/// by value. As <see cref="TreeWriter"/> it looks for the tree by each operation. To read without copying there is
/// <see cref="WriteTransaction.Read{TState, TResult}"/>; to walk over the tree and change it on the way,
/// <see cref="OpenCursor"/>.
/// </summary>
/// <remarks>
/// <para>
/// A pair takes as many bytes as its key and its value have together, and if the tree was not made for keys of one
/// length, two more, and one for each zero byte of the key. It has at most <see cref="Database.MaxKeyLength"/> bytes:
/// adding a longer one throws <see cref="PairTooLongException"/>, looking for one finds nothing.
/// </para>
/// <para>
/// Every member throws <see cref="TreeNotFoundException"/> if there is no such tree, and
/// <see cref="TreeOptionsException"/> if it is no multi-valued one, beside what the members of
/// <see cref="TreeWriter"/> throw. Nothing here allocates except what says so.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// using var tx = db.BeginWrite();
/// var tags = tx.CreateMultiTree("tags");
/// tx[tags].Add("ada"u8, "engine"u8);
/// tx[tags].Add("ada"u8, "mathematics"u8);
/// bool isNew = tx[tags].Add("ada"u8, "engine"u8);   // false: it is there
/// tx.Commit();
/// </code>
/// </example>
public readonly ref struct MultiTreeWriter
{
    private readonly WriteTransaction _transaction;
    private readonly MultiTree _tree;

    internal MultiTreeWriter(WriteTransaction transaction, MultiTree tree)
    {
        _transaction = transaction;
        _tree = tree;
    }

    /// <summary>The tree's name.</summary>
    public MultiTree Tree
    {
        get
        {
            RequireTransaction();
            return _tree;
        }
    }

    /// <summary>Pairs, those that the transaction has written included. O(1).</summary>
    public long Count => GetStatistics().Entries;

    /// <summary>The tree in numbers, as the transaction has it; its entries are the pairs. O(1).</summary>
    public TreeStatistics GetStatistics() => Enter(out _).GetStatistics();

    /// <summary>Adds a pair.</summary>
    /// <param name="key">The key; may be empty, unless all keys have one length.</param>
    /// <param name="value">The value; may be empty.</param>
    /// <returns>False, with nothing changed, if the pair is there.</returns>
    /// <exception cref="PairTooLongException">Both together are too long; nothing was changed.</exception>
    /// <exception cref="ArgumentException">The key has not the length that all keys have.</exception>
    [SkipLocalsInit]
    public bool Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        RequireTransaction();
        using var entered = _transaction.Enter(out var context);
        return context.AddPair(_tree.Pairs.Id, key, value, stackalloc byte[Scratch.Length]);
    }

    /// <summary>Deletes a pair.</summary>
    /// <returns>False, with nothing changed, if it was not there.</returns>
    [SkipLocalsInit]
    public bool Delete(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var pairs = Enter(out var form);
        return form.Allows(key) && pairs.Delete(form.Pair(key, value, stackalloc byte[Scratch.Length]));
    }

    /// <summary>Deletes a key with all its values.</summary>
    /// <returns>How many there were.</returns>
    [SkipLocalsInit]
    public long DeleteKey(ReadOnlySpan<byte> key)
    {
        var pairs = Enter(out var form);
        return form.Allows(key) ? pairs.DeletePrefix(form.Key(key, stackalloc byte[Scratch.Length])) : 0;
    }

    /// <summary>
    /// Deletes the pairs of a key with from ≤ value &lt; to; none if <paramref name="from"/> is not below
    /// <paramref name="to"/>.
    /// </summary>
    /// <returns>How many there were.</returns>
    [SkipLocalsInit]
    public long DeleteValues(ReadOnlySpan<byte> key, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        var pairs = Enter(out var form);
        return !form.Allows(key)
            ? 0
            : pairs.DeleteRange(
                form.Pair(key, from, stackalloc byte[Scratch.Length]),
                form.Pair(key, to, stackalloc byte[Scratch.Length]));
    }

    /// <summary>
    /// Deletes the pairs with from ≤ key &lt; to; none if <paramref name="from"/> is not below <paramref name="to"/>.
    /// Subtrees inside the range are unlinked whole. Allocates copies of the bounds.
    /// </summary>
    /// <returns>How many pairs there were.</returns>
    [SkipLocalsInit]
    public long DeleteRange(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        var pairs = Enter(out var form);
        if (!form.TryBound(from, stackalloc byte[Scratch.Length], out var first))
        {
            return 0;
        }

        return form.TryBound(to, stackalloc byte[Scratch.Length], out var end)
            ? pairs.DeleteRange(first, end)
            : pairs.DeleteFrom(first);
    }

    /// <summary>Deletes the pairs whose keys begin with a prefix. Allocates copies of the prefix.</summary>
    /// <returns>How many pairs there were.</returns>
    [SkipLocalsInit]
    public long DeletePrefix(ReadOnlySpan<byte> prefix)
    {
        var pairs = Enter(out var form);
        return form.KeySize != 0 && prefix.Length > form.KeySize
            ? 0
            : pairs.DeletePrefix(form.Prefix(prefix, stackalloc byte[Scratch.Length]));
    }

    /// <summary>Deletes all pairs of the tree, which stays. O(pages): each page is read for its birth.</summary>
    /// <returns>How many pairs there were.</returns>
    public long Clear() => Enter(out _).Clear();

    /// <summary>Whether a pair is there.</summary>
    [SkipLocalsInit]
    public bool Contains(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var pairs = Enter(out var form);
        return form.Allows(key) && pairs.ContainsKey(form.Pair(key, value, stackalloc byte[Scratch.Length]));
    }

    /// <summary>Whether a key has any value.</summary>
    public bool ContainsKey(ReadOnlySpan<byte> key) => Read(key, static (reader, key) => reader.ContainsKey(key));

    /// <summary>How many values a key has, as <see cref="MultiTreeReader.CountValues"/>.</summary>
    public long CountValues(ReadOnlySpan<byte> key) => Read(key, static (reader, key) => reader.CountValues(key));

    /// <summary>Copies of the values of a key, ascending. Allocates them.</summary>
    public byte[][] GetValues(ReadOnlySpan<byte> key) => Read(key, static (reader, key) =>
    {
        var values = new List<byte[]>();
        foreach (var value in reader.Values(key))
        {
            values.Add(value.ToArray());
        }

        return values.ToArray();
    });

    /// <summary>
    /// A cursor in the tree, for walks that change it; it survives every change of the tree, and what it shows is
    /// copied. It stands before the first pair. Allocates the cursor.
    /// </summary>
    public MultiWriteCursor OpenCursor() => new(Enter(out var form).OpenCursor(), _transaction, _tree, form);

    /// <summary>
    /// Begins to load many pairs, sorted or not, into the tree, as <see cref="TreeWriter.BeginLoad"/> does entries.
    /// Pairs that are there already change nothing. Allocates the loader.
    /// </summary>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public MultiTreeLoader BeginLoad(BulkLoadOptions? options = null) =>
        new(Enter(out var form).BeginLoad(options), _transaction, _tree, form);

    private TResult Read<TResult>(
        ReadOnlySpan<byte> key, Func<MultiTreeReader, ReadOnlySpan<byte>, TResult> read)
    {
        RequireTransaction();
        var state = new KeyOf<TResult>(_tree, key, read);
        return _transaction.Read(state, static (transaction, state) => state.Read(transaction[state.Tree], state.Key));
    }

    /// <summary>The entries behind the pairs, and how they are written.</summary>
    private TreeWriter Enter(out PairForm form)
    {
        RequireTransaction();
        using var entered = _transaction.EnterToRead(out var context);
        form = context.FormOf(_tree.Pairs.Id);
        return new TreeWriter(_transaction, _tree.Pairs);
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

    private readonly ref struct KeyOf<TResult>(
        MultiTree tree, ReadOnlySpan<byte> key, Func<MultiTreeReader, ReadOnlySpan<byte>, TResult> read)
    {
        public readonly MultiTree Tree = tree;
        public readonly ReadOnlySpan<byte> Key = key;
        public readonly Func<MultiTreeReader, ReadOnlySpan<byte>, TResult> Read = read;
    }
}
