namespace Engine.Transactions;

/// <summary>
/// What the change of an entry means to the indexes of its tree: of each the entry that there was and the one that
/// there will be. Each thread keeps one, and makes another while that is taken: a selector may write to a tree itself.
/// </summary>
internal sealed class IndexChanges
{
    private const int FirstLength = 4096;

    [ThreadStatic]
    private static IndexChanges? _free;

    private readonly List<Item> _items = [];
    private byte[] _bytes = new byte[FirstLength];
    private int _length;

    private IndexChanges()
    {
    }

    /// <summary>How many indexes there are.</summary>
    public int Count => _items.Count;

    /// <summary>Takes that of this thread, empty.</summary>
    public static IndexChanges Take()
    {
        var changes = _free ?? new IndexChanges();
        _free = null;
        changes.Clear();
        return changes;
    }

    /// <summary>Gives it back.</summary>
    public void Return()
    {
        // It holds on to no database.
        _items.Clear();
        _free = this;
    }

    public void Clear()
    {
        _items.Clear();
        _length = 0;
    }

    /// <summary>Adds an index, which has no entry before and none afterwards until something else is said.</summary>
    public void Add(TreeName index, string tree, bool isUnique) => _items.Add(new Item(index, tree, isUnique));

    /// <summary>Says what an index will have, or what it has had.</summary>
    /// <param name="item">The index.</param>
    /// <param name="isNew">Whether it will have this.</param>
    /// <param name="indexKey">The key of the index, as a part.</param>
    /// <param name="key">The key of the tree, as a part.</param>
    public void Set(int item, bool isNew, ReadOnlySpan<byte> indexKey, ReadOnlySpan<byte> key)
    {
        var length = indexKey.Length + key.Length;
        if (length > _bytes.Length - _length)
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _length + length));
        }

        indexKey.CopyTo(_bytes.AsSpan(_length));
        key.CopyTo(_bytes.AsSpan(_length + indexKey.Length));
        var bytes = new Bytes(_length, length);
        _length += length;
        _items[item] = isNew
            ? _items[item] with { New = bytes, NewIndexKey = new Bytes(bytes.Start, indexKey.Length) }
            : _items[item] with { Old = bytes };
    }

    /// <summary>The entries stay what they are: nothing is to be written.</summary>
    public void KeepAll()
    {
        for (var i = 0; i < _items.Count; i++)
        {
            _items[i] = _items[i] with { Old = _items[i].New };
        }
    }

    public TreeName Index(int item) => _items[item].Index;

    /// <summary>The name of the tree that an index is of.</summary>
    public string TreeOf(int item) => _items[item].Tree;

    public bool IsUnique(int item) => _items[item].IsUnique;

    /// <summary>The entry before; empty if there was none.</summary>
    public ReadOnlySpan<byte> Old(int item) => Of(_items[item].Old);

    /// <summary>The entry afterwards; empty if there is to be none.</summary>
    public ReadOnlySpan<byte> New(int item) => Of(_items[item].New);

    /// <summary>The index's key of the entry afterwards: what all entries with that key begin with.</summary>
    public ReadOnlySpan<byte> NewIndexKey(int item) => Of(_items[item].NewIndexKey);

    public bool HasOld(int item) => _items[item].Old.Length >= 0;

    public bool HasNew(int item) => _items[item].New.Length >= 0;

    /// <summary>Whether nothing is to be written to an index.</summary>
    public bool IsSame(int item) =>
        HasOld(item) == HasNew(item) && (!HasNew(item) || Old(item).SequenceEqual(New(item)));

    private ReadOnlySpan<byte> Of(Bytes bytes) =>
        bytes.Length < 0 ? default : _bytes.AsSpan(bytes.Start, bytes.Length);

    private readonly record struct Bytes(int Start, int Length)
    {
        public static Bytes None => new(0, -1);
    }

    private readonly record struct Item(TreeName Index, string Tree, bool IsUnique)
    {
        public Bytes Old { get; init; } = Bytes.None;

        public Bytes New { get; init; } = Bytes.None;

        public Bytes NewIndexKey { get; init; } = Bytes.None;
    }
}
