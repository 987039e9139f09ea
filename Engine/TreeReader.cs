using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Engine.Pages;
using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <summary>
/// One tree of one snapshot. Passed by value; spans that it gives live as long as the read transaction, so helpers that
/// are given a reader may return them. Keys are compared bytewise. Nothing here allocates except what says so.
/// </summary>
public readonly ref partial struct TreeReader
{
    private readonly ReaderContext _context;
    private readonly int _epoch;
    private readonly TreeRecord _tree;

    internal TreeReader(ReaderContext context, int epoch, scoped in TreeRecord tree)
    {
        _context = context;
        _epoch = epoch;
        _tree = tree;
    }

    /// <summary>Entries. O(1).</summary>
    public long Count
    {
        get
        {
            Context();
            return Amount.From(_tree.Entries);
        }
    }

    /// <summary>The tree in numbers.</summary>
    public TreeStatistics GetStatistics()
    {
        Context();
        return TreeStatistics.From(_tree);
    }

    /// <summary>Looks a key up.</summary>
    /// <returns>Whether the key is there.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(scoped ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        var context = Context();
        var index = TreeSearch.Find(context.Source, _tree.Root, _tree.RootCrc, _tree.Depth, key, out var leaf);
        if (index >= 0)
        {
            value = TreeSearch.Value(context.Source, leaf, index);
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Whether a key is there. Does not touch the value.</summary>
    public bool ContainsKey(scoped ReadOnlySpan<byte> key) =>
        TreeSearch.Find(Context().Source, _tree.Root, _tree.RootCrc, _tree.Depth, key, out _) >= 0;

    /// <summary>A copy of a value, or null if the key is absent. Allocates.</summary>
    public byte[]? Get(scoped ReadOnlySpan<byte> key) => TryGet(key, out var value) ? value.ToArray() : null;

    /// <summary>
    /// Looks many keys up, several at the same time, so that their waits for memory overlap: for trees larger than the
    /// processor's caches, each costs less than half of a single lookup.
    /// </summary>
    /// <param name="keys">The keys, in any order, with or without duplicates. What is returned keeps the span.</param>
    /// <returns>For each key, in the order given, whether it is there, and its value.</returns>
    public GetManyResult GetMany(ReadOnlySpan<ReadOnlyMemory<byte>> keys) => new(Context(), _epoch, _tree, keys);

    /// <inheritdoc cref="GetMany(ReadOnlySpan{ReadOnlyMemory{byte}})" path="/summary|/returns"/>
    /// <param name="keys">
    /// The keys, none of them null, in any order, with or without duplicates. What is returned keeps the span.
    /// </param>
    public GetManyResult GetMany(ReadOnlySpan<byte[]> keys) => new(Context(), _epoch, _tree, keys);

    /// <summary>The entry with the smallest key.</summary>
    public bool TryGetFirst(out Entry entry)
    {
        var cursor = NewCursor();
        return Result(ref cursor, cursor.MoveToFirst(), out entry);
    }

    /// <summary>The entry with the greatest key.</summary>
    public bool TryGetLast(out Entry entry)
    {
        var cursor = NewCursor();
        return Result(ref cursor, cursor.MoveToLast(), out entry);
    }

    /// <summary>The entry with the greatest key ≤ <paramref name="key"/>.</summary>
    public bool TryGetFloor(scoped ReadOnlySpan<byte> key, out Entry entry)
    {
        var cursor = NewCursor();
        return Result(ref cursor, cursor.SeekBelow(key, orEqual: true, out _), out entry);
    }

    /// <summary>The entry with the smallest key ≥ <paramref name="key"/> (its lower bound).</summary>
    public bool TryGetCeiling(scoped ReadOnlySpan<byte> key, out Entry entry)
    {
        var cursor = NewCursor();
        return Result(ref cursor, cursor.Seek(key, out _), out entry);
    }

    /// <summary>The entry with the greatest key &lt; <paramref name="key"/>.</summary>
    public bool TryGetLower(scoped ReadOnlySpan<byte> key, out Entry entry)
    {
        var cursor = NewCursor();
        return Result(ref cursor, cursor.SeekBelow(key, orEqual: false, out _), out entry);
    }

    /// <summary>The entry with the smallest key &gt; <paramref name="key"/> (its upper bound).</summary>
    public bool TryGetHigher(scoped ReadOnlySpan<byte> key, out Entry entry)
    {
        var cursor = NewCursor();
        var found = cursor.Seek(key, out var isEqual);
        return Result(ref cursor, found && (!isEqual || cursor.MoveNext()), out entry);
    }

    /// <summary>All entries, ascending.</summary>
    public TreeRange All() => new(Scope(default, default, RangeEnd.None));

    /// <summary>
    /// The entries with from ≤ key &lt; to, ascending. The range keeps the bounds: they must live as long as it.
    /// </summary>
    public TreeRange Range(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) =>
        new(Scope(from, to, RangeEnd.Below));

    /// <summary>The entries with key ≥ from, ascending. The range keeps the bound.</summary>
    public TreeRange From(ReadOnlySpan<byte> from) => new(Scope(from, default, RangeEnd.None));

    /// <summary>The entries with key &lt; to, ascending. The range keeps the bound.</summary>
    public TreeRange Until(ReadOnlySpan<byte> to) => new(Scope(default, to, RangeEnd.Below));

    /// <summary>The entries whose keys begin with a prefix, ascending. The range keeps the prefix.</summary>
    public TreeRange Prefix(ReadOnlySpan<byte> prefix) =>
        new(Scope(prefix, prefix, RangeEnd.Prefix));

    /// <summary>A cursor that stands before the first entry.</summary>
    public ReadCursor OpenCursor() => new(Context(), _epoch, _tree);

    /// <summary>Gives the pages.</summary>
    internal PageSource Source => Context().Source;

    /// <summary>A range whose bounds somebody else keeps.</summary>
    internal RangeScope Scope(bool isFromExcluded, RangeEnd end, long limit, long skipped = 0) =>
        new(Context(), _epoch, _tree, default, isFromExcluded, default, end, limit, skipped);

    /// <summary>A range of which everything is known.</summary>
    internal RangeScope Scope(
        ReadOnlySpan<byte> from, bool isFromExcluded, ReadOnlySpan<byte> to, RangeEnd end, long limit, long skipped) =>
        new(Context(), _epoch, _tree, from, isFromExcluded, to, end, limit, skipped);

    /// <summary>Another tree of the same snapshot.</summary>
    internal bool TryGetOther(Tree tree, out TreeReader reader, out byte[] attributes)
    {
        var exists = Context().TryResolve(tree.Id, out var record, out attributes);
        reader = exists ? new TreeReader(_context, _epoch, record) : default;
        return exists;
    }

    private RangeScope Scope(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, RangeEnd end) =>
        new(Context(), _epoch, _tree, from, to, end);

    internal TreeCursor NewCursor() => new(Context().Source, _tree);

    private static bool Result(scoped ref TreeCursor cursor, bool found, out Entry entry)
    {
        entry = found ? new Entry(cursor.Key, cursor.Value) : default;
        return found;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReaderContext Context()
    {
        var context = _context;
        if (context is null || context.Epoch != _epoch)
        {
            Throw.EndedTransaction(context);
        }

        return context;
    }
}
