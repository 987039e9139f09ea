using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>
/// Entries of one tree of one snapshot by an index: <c>read.Open(index)</c>. Passed by value. Allocates nothing but
/// what keys and values themselves are (a string, an array), for keys of up to 1,024 bytes.
/// </summary>
/// <typeparam name="TIndexKey">The type of the index's keys.</typeparam>
/// <typeparam name="TKey">The type of the tree's keys.</typeparam>
/// <typeparam name="TValue">The type of the tree's values.</typeparam>
/// <remarks>
/// Every member throws <see cref="ArgumentException"/> for a key that has no encoding, and
/// <see cref="InvalidEncodingException"/> for bytes that are none. Values are looked for in the tree one by one, as
/// they are asked for, and an entry that is not there is a <see cref="StaleIndexException"/>.
/// </remarks>
/// <example>
/// <code>
/// using var read = db.BeginRead();
/// foreach (var (score, name, _) in read.Open(byScore).All().Reverse().Take(10))
/// {
///     Console.WriteLine($"{name}: {score}");
/// }
/// </code>
/// </example>
public readonly ref struct IndexReader<TIndexKey, TKey, TValue>
{
    private readonly TreeReader _entries;
    private readonly TreeReader _tree;
    private readonly TreeIndex<TIndexKey, TKey, TValue> _index;

    internal IndexReader(TreeReader entries, TreeReader tree, TreeIndex<TIndexKey, TKey, TValue> index)
    {
        _entries = entries;
        _tree = tree;
        _index = index;
    }

    /// <summary>The index as bytes: see <see cref="TreeIndex{TKey, TValue}.Untyped"/>.</summary>
    public TreeReader Untyped => _entries;

    /// <summary>Entries of the index. O(1).</summary>
    public long Count => _entries.Count;

    /// <summary>The index in numbers.</summary>
    public TreeStatistics GetStatistics() => _entries.GetStatistics();

    /// <summary>Looks for the entry with a key of a unique index.</summary>
    /// <param name="indexKey">The key in the index.</param>
    /// <param name="key">The entry's key.</param>
    /// <param name="value">The entry's value.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="InvalidOperationException">The index is not unique.</exception>
    /// <exception cref="StaleIndexException">The index has the entry, and the tree has not.</exception>
    public bool TryGet(TIndexKey indexKey, out TKey key, out TValue value)
    {
        Index.RequireUnique();
        var isFound = TryFind(indexKey, out var entry);
        key = isFound ? entry.Key : default!;
        value = isFound ? entry.Value : default!;
        return isFound;
    }

    /// <summary>Looks for the key of the entry with a key of a unique index. Does not touch the tree.</summary>
    /// <param name="indexKey">The key in the index.</param>
    /// <param name="key">The entry's key.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="InvalidOperationException">The index is not unique.</exception>
    public bool TryGetKey(TIndexKey indexKey, out TKey key)
    {
        Index.RequireUnique();
        var isFound = TryFind(indexKey, out var entry);
        key = isFound ? entry.Key : default!;
        return isFound;
    }

    /// <summary>Whether there is an entry with a key of the index.</summary>
    public bool ContainsKey(TIndexKey indexKey) => TryFind(indexKey, out _);

    /// <summary>The entry with the smallest key in the index.</summary>
    public bool TryGetFirst(out IndexEntry<TIndexKey, TKey, TValue> entry) =>
        Result(_entries.TryGetFirst(out var found), found, out entry);

    /// <summary>The entry with the greatest key in the index.</summary>
    public bool TryGetLast(out IndexEntry<TIndexKey, TKey, TValue> entry) =>
        Result(_entries.TryGetLast(out var found), found, out entry);

    /// <summary>All entries with a key of the index, in the order of their own keys.</summary>
    public IndexRange<TIndexKey, TKey, TValue> Find(TIndexKey indexKey) => New(Index.Find(indexKey));

    /// <summary>All entries, ascending.</summary>
    public IndexRange<TIndexKey, TKey, TValue> All() => New(default);

    /// <summary>The entries with from ≤ key in the index &lt; to, ascending.</summary>
    public IndexRange<TIndexKey, TKey, TValue> Range(TIndexKey from, TIndexKey to) => New(Index.Range(from, to));

    /// <summary>The entries with key in the index ≥ from, ascending.</summary>
    public IndexRange<TIndexKey, TKey, TValue> From(TIndexKey from) => New(Index.From(from));

    /// <summary>The entries with key in the index &lt; to, ascending.</summary>
    public IndexRange<TIndexKey, TKey, TValue> Until(TIndexKey to) => All().Before(to);

    /// <summary>The entries with key in the index ≤ to, ascending.</summary>
    public IndexRange<TIndexKey, TKey, TValue> Through(TIndexKey to) => All().Through(to);

    /// <summary>
    /// The entries whose keys in the index begin with the bytes of another one, ascending: strings and byte arrays that
    /// begin with this one.
    /// </summary>
    public IndexRange<TIndexKey, TKey, TValue> Prefix(TIndexKey prefix) => New(Index.Prefix(prefix));

    /// <summary>The entries whose keys in the index have the same first parts as another one, ascending.</summary>
    /// <param name="indexKey">The key in the index, of which only the first parts count.</param>
    /// <param name="parts">How many parts, from 1 to those of the index's codec.</param>
    /// <exception cref="ArgumentOutOfRangeException">Keys do not have so many parts.</exception>
    public IndexRange<TIndexKey, TKey, TValue> Prefix(TIndexKey indexKey, int parts) =>
        New(Index.Prefix(indexKey, parts));

    /// <summary>A range whose bounds are known.</summary>
    internal IndexRange<TIndexKey, TKey, TValue> New(scoped in IndexBounds bounds) =>
        new(_entries, _tree, Index, bounds);

    private TreeIndex<TIndexKey, TKey, TValue> Index
    {
        get
        {
            if (_index is null)
            {
                Throw.EndedTransaction(null);
            }

            return _index;
        }
    }

    [SkipLocalsInit]
    private bool TryFind(TIndexKey indexKey, out IndexEntry<TIndexKey, TKey, TValue> entry)
    {
        var bytes = Index.Encode(indexKey, stackalloc byte[Scratch.Length]);
        return Result(_entries.TryGetCeiling(bytes, out var found) && found.Key.StartsWith(bytes), found, out entry);
    }

    private bool Result(bool isFound, Entry found, out IndexEntry<TIndexKey, TKey, TValue> entry)
    {
        entry = isFound ? new IndexEntry<TIndexKey, TKey, TValue>(found.Key, _tree, _index) : default;
        return isFound;
    }
}
