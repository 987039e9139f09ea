using Engine.Transactions;

namespace Engine;

#pragma warning disable RS0026 // The overloads are told apart by what they require, whatever is left out.

/// <content>The indexes of a tree, which are declared before it is used.</content>
public sealed partial class Tree<TKey, TValue>
{
    private readonly Lock _declaring = new();
    private TreeIndex<TKey, TValue>[] _indexes = [];
    private IndexDefinition[] _definitions = [];
    private TreeName[] _indexNames = [];
    private bool _isUsed;

    /// <summary>The attributes whose indexes were those that are declared, the last time.</summary>
    private byte[]? _indexesCompared;

    /// <summary>The indexes that were declared, in that order.</summary>
    public IReadOnlyList<TreeIndex<TKey, TValue>> Indexes => Volatile.Read(ref _indexes);

    internal TreeIndex<TKey, TValue>[] DeclaredIndexes => _indexes;

    internal ReadOnlySpan<IndexDefinition> IndexDefinitions => _definitions;

    internal ReadOnlySpan<TreeName> IndexNames => _indexNames;

    /// <summary>
    /// Declares an index whose keys have a codec that goes without saying (<see cref="Engine.KeyCodec.Default"/>).
    /// Otherwise as
    /// <see cref="AddIndex{TIndexKey}(string, Func{TKey, TValue, TIndexKey}, KeyCodec{TIndexKey}, bool)"/>.
    /// </summary>
    /// <exception cref="NotSupportedException">The type has no codec that goes without saying.</exception>
    public TreeIndex<TIndexKey, TKey, TValue> AddIndex<TIndexKey>(
        string name, Func<TKey, TValue, TIndexKey> select, bool unique = false) =>
        AddIndex(name, select, Engine.KeyCodec.Default<TIndexKey>(), unique);

    /// <summary>
    /// Declares an index: every write through this handle keeps it, in the same transaction. It is made by
    /// <see cref="WriteTransaction.CreateTree{TKey, TValue}(Tree{TKey, TValue})"/> together with the tree, or by
    /// <see cref="WriteTransaction.BuildIndexes"/> of a tree that has entries. All indexes of a handle are declared
    /// before it is used for the first time.
    /// </summary>
    /// <typeparam name="TIndexKey">The type of the index's keys.</typeparam>
    /// <param name="name">
    /// The name of the index, which is a tree of its own: as for <see cref="Database.GetTree(string)"/>.
    /// </param>
    /// <param name="select">
    /// Selects the index's key of an entry, on whatever thread writes. It must depend on nothing but what is encoded of
    /// key and value, and stay the same for ever: what it selects is in files. (A selector that changes is an index of
    /// another name, or is followed by <see cref="WriteTransaction.RebuildIndexes"/>.) It may throw, which refuses the
    /// write and changes nothing. It may read the transaction, and must not write to it.
    /// </param>
    /// <param name="keyCodec">How the index's keys become bytes. Its order is that of the index.</param>
    /// <param name="unique">Whether each key of the index has one entry at the most.</param>
    /// <returns>The index, to read entries by it.</returns>
    /// <exception cref="ArgumentException">
    /// The name is that of the tree or of another index, or no name; or the names of the codecs are too long together.
    /// </exception>
    /// <exception cref="KeyTooLongException">The name is too long.</exception>
    /// <exception cref="InvalidOperationException">The handle has been used already.</exception>
    public TreeIndex<TIndexKey, TKey, TValue> AddIndex<TIndexKey>(
        string name, Func<TKey, TValue, TIndexKey> select, KeyCodec<TIndexKey> keyCodec, bool unique = false)
    {
        ArgumentNullException.ThrowIfNull(select);
        return Declare<TIndexKey>(
            name,
            (TKey key, TValue value, out TIndexKey indexKey) =>
            {
                indexKey = select(key, value);
                return true;
            },
            keyCodec,
            unique);
    }

    /// <summary>
    /// Declares an index that has only those entries for which the selector returns true. Otherwise as
    /// <see cref="AddIndex{TIndexKey}(string, Func{TKey, TValue, TIndexKey}, KeyCodec{TIndexKey}, bool)"/>.
    /// </summary>
    /// <inheritdoc cref="AddIndex{TIndexKey}(string, Func{TKey, TValue, TIndexKey}, KeyCodec{TIndexKey}, bool)"/>
    public TreeIndex<TIndexKey, TKey, TValue> AddPartialIndex<TIndexKey>(
        string name, IndexSelector<TKey, TValue, TIndexKey> select, KeyCodec<TIndexKey> keyCodec, bool unique = false)
    {
        ArgumentNullException.ThrowIfNull(select);
        return Declare(name, select, keyCodec, unique);
    }

    /// <summary>From now on no index can be declared.</summary>
    internal void Use()
    {
        if (!Volatile.Read(ref _isUsed))
        {
            lock (_declaring)
            {
                Volatile.Write(ref _isUsed, true);
            }
        }
    }

    /// <summary>
    /// Refuses to write to a tree whose indexes are not those that are declared, or are not there.
    /// </summary>
    internal void RequireWritable(WriteContext context)
    {
        var attributes = context.AttributesOf(Untyped.Id);
        RequireCodecs(attributes, context.Resolve(Untyped.Id).Flags);
        if (!ReferenceEquals(attributes, Volatile.Read(ref _indexesCompared)))
        {
            CompareIndexes(attributes);
        }

        foreach (var index in _indexes)
        {
            if (!context.TryGetAttributes(index.Untyped.Id, out var own) || !index.HasCodecs(own))
            {
                throw index.Missing();
            }
        }
    }

    /// <summary>Says which entries an entry has in the indexes, or has had.</summary>
    /// <param name="key">The key.</param>
    /// <param name="keyBytes">Its encoding.</param>
    /// <param name="value">The value.</param>
    /// <param name="isNew">Whether it will have them.</param>
    /// <param name="changes">What is said so, with an item for each index.</param>
    internal void SetIndexEntries(
        TKey key, ReadOnlySpan<byte> keyBytes, TValue value, bool isNew, IndexChanges changes)
    {
        Span<byte> scratch = stackalloc byte[Scratch.Length];
        var keyPart = KeyCodec.IsPrefixFree ? keyBytes : PartBytes.Encode(keyBytes, scratch);
        for (var i = 0; i < _indexes.Length; i++)
        {
            _indexes[i].SetEntry(i, key, keyPart, value, isNew, changes);
        }
    }

    private TreeIndex<TIndexKey, TKey, TValue> Declare<TIndexKey>(
        string name, IndexSelector<TKey, TValue, TIndexKey> select, KeyCodec<TIndexKey> keyCodec, bool isUnique)
    {
        ArgumentNullException.ThrowIfNull(keyCodec);
        var untyped = Untyped.Database.GetTree(name);
        lock (_declaring)
        {
            if (_isUsed)
            {
                throw new InvalidOperationException(
                    $"The handle of tree '{Name}' has been used already, maybe with writes that left this index out. "
                    + "Declare all indexes of a handle right where it is made.");
            }

            if (name == Name || Array.Exists(_indexes, other => other.Name == name))
            {
                throw new ArgumentException($"The tree or another index of it is called '{name}'.", nameof(name));
            }

            var definition = new IndexDefinition(name, keyCodec.Name, isUnique);
            _ = Engine.ValueCodec.CheckName(definition.CodecsFor(KeyCodec.Name).Key!);
            var index = new TreeIndex<TIndexKey, TKey, TValue>(this, untyped, definition, keyCodec, select);
            _definitions = [.. _definitions, definition];
            _indexNames = [.. _indexNames, untyped.Id];
            Volatile.Write(ref _indexes, [.. _indexes, index]);
            return index;
        }
    }

    private void CompareIndexes(byte[] attributes)
    {
        if (Volatile.Read(ref _indexesCompared) is not { } compared || !attributes.AsSpan().SequenceEqual(compared))
        {
            var stored = IndexList.Read(Name, attributes);
            if (stored.Length != _definitions.Length || stored.Except(_definitions).Any())
            {
                throw Mismatch(stored);
            }
        }

        Volatile.Write(ref _indexesCompared, attributes);
    }

    private IndexMismatchException Mismatch(IndexDefinition[] stored)
    {
        var undeclared = stored.Except(_definitions).ToArray();
        var unbuilt = _definitions.Except(stored).ToArray();
        var message = $"Tree '{Name}' cannot be written to with this handle, which would leave indexes stale.";
        if (undeclared.Length > 0)
        {
            message += $" The tree has {string.Join(", ", undeclared)}, which the handle does not declare: declare "
                + "them with Tree.AddIndex, or remove them with WriteTransaction.DropIndex.";
        }

        if (unbuilt.Length > 0)
        {
            message += $" The handle declares {string.Join(", ", unbuilt)}, which the tree does not have: make them "
                + "with WriteTransaction.BuildIndexes.";
        }

        return new IndexMismatchException(Name, message);
    }
}
