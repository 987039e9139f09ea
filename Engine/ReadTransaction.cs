using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Engine.Pages;
using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <summary>
/// A consistent view of the database at one moment. Spans that it gives point into the mapped file and live until it is
/// disposed; the compiler keeps them from escaping. Costs well under a microsecond, allocates nothing, blocks nobody.
/// Dispose it soon (<c>using</c>): while it lives, pages of its snapshot are not reused. Belongs to no thread, but
/// serves one at a time; use a <see cref="Snapshot"/> across <c>await</c>.
/// </summary>
public readonly ref partial struct ReadTransaction : IDisposable
{
    private readonly Database _database;
    private readonly ReaderContext _context;
    private readonly int _epoch;
    private readonly TransactionToken? _token;

    /// <param name="database">The database.</param>
    /// <param name="context">What it reads through.</param>
    /// <param name="epoch">
    /// The context's epoch when the transaction began: read by now, it might be that of the database's closing.
    /// </param>
    /// <param name="token">Tells that it is open, if that is tracked.</param>
    internal ReadTransaction(Database database, ReaderContext context, int epoch, TransactionToken? token)
    {
        _token = token;
        _database = database;
        _context = context;
        _epoch = epoch;
    }

    /// <summary>Id of the transaction whose state this is.</summary>
    public ulong TransactionId => Context().TransactionId;

    /// <summary>The default tree: short for <c>read[db.Main]</c>.</summary>
    public TreeReader Main
    {
        [UnscopedRef]
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            var context = Context();
            return new TreeReader(context, _epoch, context.Main);
        }
    }

    /// <summary>A tree of this snapshot.</summary>
    /// <exception cref="TreeNotFoundException">The snapshot has no tree of that name.</exception>
    public TreeReader this[Tree tree]
    {
        [UnscopedRef]
        get => TryGetTree(tree, out var reader)
            ? reader
            : throw NotFound(tree);
    }

    /// <summary>A tree of this snapshot, if it has one of that name.</summary>
    [UnscopedRef]
    public bool TryGetTree(Tree tree, out TreeReader reader)
    {
        var context = Context();
        _database.CheckOwn(tree);
        if (tree.Id.IsDefault)
        {
            reader = new TreeReader(context, _epoch, context.Main);
            return true;
        }

        if (context.TryResolve(tree.Id, out var record, out _))
        {
            reader = new TreeReader(context, _epoch, record);
            return true;
        }

        reader = default;
        return false;
    }

    /// <summary>
    /// A tree of this snapshot, by its name: short for <c>read[db.GetTree(name)]</c>, for who has no handle at hand, or
    /// not the database. A handle that is kept remembers where its tree was found, and is quicker.
    /// </summary>
    /// <param name="name">The tree's name.</param>
    /// <exception cref="TreeNotFoundException">The snapshot has no tree of that name.</exception>
    /// <exception cref="KeyTooLongException">No tree has so long a name.</exception>
    /// <exception cref="ArgumentException">The name is empty or no whole characters.</exception>
    public TreeReader this[string name]
    {
        [UnscopedRef]
        get
        {
            Context();
            return this[_database.GetTree(name)];
        }
    }

    /// <inheritdoc cref="TryGetTree(Tree, out TreeReader)"/>
    /// <param name="name">The tree's name.</param>
    /// <param name="reader">The tree.</param>
    /// <exception cref="KeyTooLongException">No tree has so long a name.</exception>
    /// <exception cref="ArgumentException">The name is empty or no whole characters.</exception>
    [UnscopedRef]
    public bool TryGetTree(string name, out TreeReader reader)
    {
        Context();
        return TryGetTree(_database.GetTree(name), out reader);
    }

    /// <summary>A multi-valued tree of this snapshot.</summary>
    /// <exception cref="TreeNotFoundException">The snapshot has no tree of that name.</exception>
    /// <exception cref="TreeOptionsException">The tree is no multi-valued one.</exception>
    public MultiTreeReader this[MultiTree tree]
    {
        [UnscopedRef]
        get => TryGetTree(tree, out var reader)
            ? reader
            : throw NotFound(tree.Pairs);
    }

    /// <summary>A multi-valued tree of this snapshot, if it has one of that name.</summary>
    /// <exception cref="TreeOptionsException">The tree is no multi-valued one.</exception>
    [UnscopedRef]
    public bool TryGetTree(MultiTree tree, out MultiTreeReader reader)
    {
        ArgumentNullException.ThrowIfNull(tree);
        var context = Context();
        _database.CheckOwn(tree.Pairs);
        if (context.TryResolve(tree.Pairs.Id, out var record, out var attributes))
        {
            var form = TreePairs.FormOf(tree.Pairs.Id, record.Flags, attributes);
            reader = new MultiTreeReader(new TreeReader(context, _epoch, record), form);
            return true;
        }

        reader = default;
        return false;
    }

    /// <summary>An expiring tree of this snapshot, at the present time.</summary>
    /// <exception cref="TreeNotFoundException">The snapshot has no tree of that name.</exception>
    /// <exception cref="TreeOptionsException">The tree is no expiring one.</exception>
    public ExpiringTreeReader this[ExpiringTree tree]
    {
        [UnscopedRef]
        get => TryGetTree(tree, out var reader)
            ? reader
            : throw NotFound(tree.Entries);
    }

    /// <summary>An expiring tree of this snapshot, at the present time, if it has one of that name.</summary>
    /// <exception cref="TreeOptionsException">The tree is no expiring one.</exception>
    [UnscopedRef]
    public bool TryGetTree(ExpiringTree tree, out ExpiringTreeReader reader)
    {
        ArgumentNullException.ThrowIfNull(tree);
        var context = Context();
        _database.CheckOwn(tree.Entries);
        if (context.TryResolve(tree.Entries.Id, out var record, out var attributes))
        {
            TreeExpiry.Require(tree.Name, record.Flags, attributes);
            reader = new ExpiringTreeReader(new TreeReader(context, _epoch, record), tree);
            return true;
        }

        reader = default;
        return false;
    }

    /// <summary>A tree of this snapshot by its keys and values.</summary>
    /// <exception cref="TreeNotFoundException">The snapshot has no tree of that name.</exception>
    /// <exception cref="CodecMismatchException">The tree has other codecs, or none.</exception>
    [UnscopedRef]
    public TreeReader<TKey, TValue> Open<TKey, TValue>(Tree<TKey, TValue> tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        return TryOpen(tree, out var reader) ? reader : throw NotFound(tree.Untyped);
    }

    /// <summary>A tree of this snapshot by its keys and values, if it has one of that name.</summary>
    /// <exception cref="CodecMismatchException">The tree has other codecs, or none.</exception>
    [UnscopedRef]
    public bool TryOpen<TKey, TValue>(Tree<TKey, TValue> tree, out TreeReader<TKey, TValue> reader)
    {
        ArgumentNullException.ThrowIfNull(tree);
        var context = Context();
        _database.CheckOwn(tree.Untyped);
        if (context.TryResolve(tree.Untyped.Id, out var record, out var attributes))
        {
            tree.RequireCodecs(attributes, record.Flags);
            reader = new TreeReader<TKey, TValue>(new TreeReader(context, _epoch, record), tree);
            return true;
        }

        reader = default;
        return false;
    }

    /// <summary>Whether the snapshot has a tree of the handle's name. The default tree always exists.</summary>
    public bool TreeExists(Tree tree) => TryGetTree(tree, out _);

    /// <inheritdoc cref="TreeExists(Tree)"/>
    /// <param name="name">The tree's name.</param>
    public bool TreeExists(string name)
    {
        Context();
        return TreeExists(_database.GetTree(name));
    }

    /// <summary>The names of all trees but the default one, in ascending byte order.</summary>
    public IReadOnlyList<string> GetTreeNames()
    {
        return Context().ListNames();
    }

    /// <summary>
    /// The last number of a sequence that was taken by this snapshot's time; 0 if none was. Those that a
    /// <see cref="ReservedSequence"/> has taken and not given yet are taken.
    /// </summary>
    /// <exception cref="ArgumentException">The handle is one of another database.</exception>
    /// <exception cref="CodecMismatchException">
    /// <see cref="Sequence.TreeName"/> is a tree with other codecs, or none.
    /// </exception>
    /// <exception cref="InvalidEncodingException">That has something else under the sequence's name.</exception>
    public long LastOf(Sequence sequence)
    {
        Context();
        _database.CheckOwn(sequence);
        return !TryOpen(_database.Sequences, out var tree)
            || !tree.Untyped.TryGet(sequence.Id.Key, out var bytes) ? 0
            : SequenceTree.TryRead(bytes, out var last) ? last
            : throw SequenceTree.NoNumber(sequence.Name);
    }

    /// <summary>
    /// Ends the transaction. Disposing again, or a copy, does nothing; using it or a copy afterwards throws.
    /// </summary>
    public void Dispose()
    {
        _context?.End(_epoch);
        _token?.End();
    }

    /// <summary>What the catalog says of a tree besides; nothing if there is no tree of that name.</summary>
    internal byte[] AttributesOf(Tree tree) =>
        !tree.Id.IsDefault && Context().TryResolve(tree.Id, out _, out var attributes) ? attributes : [];

    private TreeNotFoundException NotFound(Tree tree) => new(
        $"Snapshot {TransactionId} has no tree '{tree.Name}'. A write transaction can create it with CreateTree.");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ReaderContext Context()
    {
        var context = _context;
        if (context is null || context.Epoch != _epoch)
        {
            Throw.EndedTransaction(context);
        }

        return context;
    }
}
