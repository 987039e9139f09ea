using Engine.Sorting;
using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <summary>
/// What a typed writer does to a tree with indexes. Selectors and codecs are anybody's code. So what an entry will be
/// is selected before the tree is looked at; what it has been, while the transaction can only be read; and only then
/// the change is made, as one operation that calls nobody.
/// </summary>
internal static class IndexedWrites
{
    public static bool Put<TKey, TValue>(
        WriteTransaction transaction,
        Tree<TKey, TValue> tree,
        (TKey Key, TValue Value) entry,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> value,
        PutMode mode)
    {
        var changes = Begin(tree);
        try
        {
            tree.SetIndexEntries(entry.Key, key, entry.Value, isNew: true, changes);
            transaction.RequireWritable(tree);
            if (mode == PutMode.Overwrite)
            {
                SetOldEntries(transaction, new Entry<TKey, TValue>(tree, entry.Key, key, changes, value));
            }

            using var entered = transaction.Enter(out var context);
            return context.Put(tree.Untyped.Id, key, value, mode, changes);
        }
        finally
        {
            changes.Return();
        }
    }

    public static bool Delete<TKey, TValue>(
        WriteTransaction transaction, Tree<TKey, TValue> tree, TKey key, ReadOnlySpan<byte> keyBytes)
    {
        var changes = Begin(tree);
        try
        {
            transaction.RequireWritable(tree);
            if (!SetOldEntries(transaction, new Entry<TKey, TValue>(tree, key, keyBytes, changes)))
            {
                return false;
            }

            using var entered = transaction.Enter(out var context);
            return context.Delete(tree.Untyped.Id, keyBytes, changes);
        }
        finally
        {
            changes.Return();
        }
    }

    /// <summary>
    /// Deletes a range. What goes from the indexes is selected first, all of it, and sorted, outside memory if need be.
    /// </summary>
    public static long DeleteRange<TKey, TValue>(
        WriteTransaction transaction,
        Tree<TKey, TValue> tree,
        ReadOnlySpan<byte> from,
        ReadOnlySpan<byte> to,
        bool hasTo)
    {
        transaction.RequireWritable(tree);
        var indexes = tree.DeclaredIndexes;
        var options = new BulkLoadOptions();
        var changes = Begin(tree);
        var sorters = new ExternalSorter[indexes.Length];
        try
        {
            for (var i = 0; i < sorters.Length; i++)
            {
                sorters[i] = new ExternalSorter(options.SortMemory / sorters.Length, options.TempDirectory);
            }

            transaction.Read(
                new DeletedRange<TKey, TValue>(tree, from, to, hasTo, sorters, changes),
                static (read, span) => Collect(read, span));
            return DeleteRange(transaction, tree, from, to, hasTo, sorters);
        }
        finally
        {
            changes.Return();
            foreach (var sorter in sorters)
            {
                sorter?.Dispose();
            }
        }
    }

    public static long Clear<TKey, TValue>(WriteTransaction transaction, Tree<TKey, TValue> tree)
    {
        transaction.RequireWritable(tree);
        using var entered = transaction.Enter(out var context);
        foreach (var index in tree.IndexNames)
        {
            _ = context.Clear(index);
        }

        return Amount.From(context.Clear(tree.Untyped.Id));
    }

    /// <summary>Fills indexes that are empty, and looks whether those are unique that are to be.</summary>
    /// <remarks>If it throws, the transaction has to be rolled back or aborted.</remarks>
    public static void Build<TKey, TValue>(
        WriteTransaction transaction,
        Tree<TKey, TValue> tree,
        IReadOnlyList<TreeIndex<TKey, TValue>> indexes,
        BulkLoadOptions options)
    {
        var loads = new BulkLoadOptions
        {
            SortMemory = Math.Max(options.SortMemory / Math.Max(1, indexes.Count), BulkLoadOptions.LeastSortMemory),
            TempDirectory = options.TempDirectory,
            Window = options.Window,
        };
        var loaders = new List<BulkLoader>();
        var changes = IndexChanges.Take();
        var buffer = EncodingBuffer.Take();
        try
        {
            foreach (var index in indexes)
            {
                loaders.Add(transaction[index.Untyped].BeginLoad(loads));
            }

            var cursor = transaction[tree.Untyped].OpenCursor();
            for (var found = cursor.MoveToFirst(); found; found = cursor.MoveNext())
            {
                var key = cursor.Key;
                var value = buffer.GetSpan(cursor.ValueLength);
                _ = cursor.TryCopyValue(value, out var length);
                Load(tree, indexes, loaders, key, tree.ValueCodec.Decode(value[..length]), changes);
            }

            loaders.ForEach(static loader => loader.Complete());
        }
        finally
        {
            buffer.Return();
            changes.Return();
            loaders.ForEach(static loader => loader.Dispose());
        }

        foreach (var index in indexes)
        {
            if (index.IsUnique)
            {
                transaction.Read(index, static (read, index) => RequireUnique(read, index));
            }
        }
    }

    private static void Load<TKey, TValue>(
        Tree<TKey, TValue> tree,
        IReadOnlyList<TreeIndex<TKey, TValue>> indexes,
        List<BulkLoader> loaders,
        ReadOnlySpan<byte> keyBytes,
        TValue value,
        IndexChanges changes)
    {
        Span<byte> scratch = stackalloc byte[Scratch.Length];
        var key = tree.KeyCodec.Decode(keyBytes);
        var keyPart = tree.KeyCodec.IsPrefixFree ? keyBytes : PartBytes.Encode(keyBytes, scratch);
        changes.Clear();
        for (var i = 0; i < indexes.Count; i++)
        {
            changes.Add(indexes[i].Untyped.Id, tree.Name, indexes[i].IsUnique);
            indexes[i].SetEntry(i, key, keyPart, value, isNew: true, changes);
            if (changes.HasNew(i))
            {
                loaders[i].Add(changes.New(i), default);
            }
        }
    }

    private static bool RequireUnique<TKey, TValue>(ReadTransaction read, TreeIndex<TKey, TValue> index)
    {
        scoped ReadOnlySpan<byte> last = default;
        foreach (var (entry, _) in read[index.Untyped].All())
        {
            var indexKey = entry[..index.GetIndexKeyLength(entry)];
            if (!last.IsEmpty && indexKey.SequenceEqual(last))
            {
                throw new UniqueIndexException(index.Tree.Name, index.Name);
            }

            last = indexKey;
        }

        return true;
    }

    private static IndexChanges Begin<TKey, TValue>(Tree<TKey, TValue> tree)
    {
        var changes = IndexChanges.Take();
        Reset(tree, changes);
        return changes;
    }

    private static void Reset<TKey, TValue>(Tree<TKey, TValue> tree, IndexChanges changes)
    {
        changes.Clear();
        foreach (var index in tree.DeclaredIndexes)
        {
            changes.Add(index.Untyped.Id, tree.Name, index.IsUnique);
        }
    }

    /// <summary>Says what an entry that is there has in the indexes.</summary>
    /// <returns>Whether it is there.</returns>
    private static bool SetOldEntries<TKey, TValue>(
        WriteTransaction transaction, scoped Entry<TKey, TValue> entry) =>
        transaction.Read(entry, static (read, entry) =>
        {
            var tree = entry.Tree;
            if (!read[tree.Untyped].TryGet(entry.KeyBytes, out var value))
            {
                return false;
            }

            if (entry.HasNewValue && value.SequenceEqual(entry.NewValue))
            {
                entry.Changes.KeepAll();
            }
            else
            {
                tree.SetIndexEntries(
                    entry.Key, entry.KeyBytes, tree.ValueCodec.Decode(value), isNew: false, entry.Changes);
            }

            return true;
        });

    private static bool Collect<TKey, TValue>(ReadTransaction read, scoped DeletedRange<TKey, TValue> span)
    {
        var tree = span.Tree;
        var reader = read[tree.Untyped];
        foreach (var (key, value) in span.HasTo ? reader.Range(span.From, span.To) : reader.From(span.From))
        {
            Reset(tree, span.Changes);
            tree.SetIndexEntries(
                tree.KeyCodec.Decode(key), key, tree.ValueCodec.Decode(value), isNew: false, span.Changes);
            for (var i = 0; i < span.Sorters.Length; i++)
            {
                if (span.Changes.HasOld(i))
                {
                    span.Sorters[i].Add(span.Changes.Old(i), default, isElsewhere: false);
                }
            }
        }

        foreach (var sorter in span.Sorters)
        {
            sorter.Sort();
        }

        return true;
    }

    private static long DeleteRange<TKey, TValue>(
        WriteTransaction transaction,
        Tree<TKey, TValue> tree,
        ReadOnlySpan<byte> from,
        ReadOnlySpan<byte> to,
        bool hasTo,
        ExternalSorter[] sorters)
    {
        using var entered = transaction.Enter(out var context);
        try
        {
            for (var i = 0; i < sorters.Length; i++)
            {
                while (sorters[i].MoveNext())
                {
                    _ = context.Delete(tree.IndexNames[i], sorters[i].Key);
                }
            }

            return Amount.From(context.DeleteRange(tree.Untyped.Id, from, to, hasTo));
        }
        catch (Exception e)
        {
            context.State.Fail(e);
            throw;
        }
    }

    private readonly ref struct Entry<TKey, TValue>(
        Tree<TKey, TValue> tree, TKey key, ReadOnlySpan<byte> keyBytes, IndexChanges changes)
    {
        public readonly Tree<TKey, TValue> Tree = tree;
        public readonly TKey Key = key;
        public readonly ReadOnlySpan<byte> KeyBytes = keyBytes;
        public readonly IndexChanges Changes = changes;
        public readonly ReadOnlySpan<byte> NewValue;
        public readonly bool HasNewValue;

        public Entry(
            Tree<TKey, TValue> tree,
            TKey key,
            ReadOnlySpan<byte> keyBytes,
            IndexChanges changes,
            ReadOnlySpan<byte> newValue)
            : this(tree, key, keyBytes, changes)
        {
            NewValue = newValue;
            HasNewValue = true;
        }
    }

    private readonly ref struct DeletedRange<TKey, TValue>(
        Tree<TKey, TValue> tree,
        ReadOnlySpan<byte> from,
        ReadOnlySpan<byte> to,
        bool hasTo,
        ExternalSorter[] sorters,
        IndexChanges changes)
    {
        public readonly Tree<TKey, TValue> Tree = tree;
        public readonly ReadOnlySpan<byte> From = from;
        public readonly ReadOnlySpan<byte> To = to;
        public readonly bool HasTo = hasTo;
        public readonly ExternalSorter[] Sorters = sorters;
        public readonly IndexChanges Changes = changes;
    }
}
