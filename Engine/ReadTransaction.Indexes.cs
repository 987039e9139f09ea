using System.Diagnostics.CodeAnalysis;

namespace Engine;

/// <content>Reading by indexes.</content>
public readonly ref partial struct ReadTransaction
{
    /// <summary>Entries of a tree of this snapshot by an index.</summary>
    /// <exception cref="TreeNotFoundException">The snapshot has no tree of that name.</exception>
    /// <exception cref="CodecMismatchException">The tree has other codecs, or none.</exception>
    /// <exception cref="IndexMismatchException">The tree has no such index.</exception>
    [UnscopedRef]
    public IndexReader<TIndexKey, TKey, TValue> Open<TIndexKey, TKey, TValue>(
        TreeIndex<TIndexKey, TKey, TValue> index)
    {
        ArgumentNullException.ThrowIfNull(index);
        var context = Context();
        _database.CheckOwn(index.Untyped);
        var tree = index.Tree;
        if (!context.TryResolve(tree.Untyped.Id, out var record, out var attributes))
        {
            throw NotFound(tree.Untyped);
        }

        tree.RequireCodecs(attributes);
        index.RequireIn(attributes);
        return context.TryResolve(index.Untyped.Id, out var ownRecord, out var own) && index.HasCodecs(own)
            ? new(new TreeReader(context, _epoch, ownRecord), new TreeReader(context, _epoch, record), index)
            : throw index.Missing();
    }
}
