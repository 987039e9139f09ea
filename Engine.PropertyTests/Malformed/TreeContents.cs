using System.Text;
using Engine.PropertyTests.Checking;
using Engine.PropertyTests.Model;

namespace Engine.PropertyTests.Malformed;

/// <summary>
/// What a state holds, by tree; the default tree's name is empty. The naive model that answers are compared with.
/// </summary>
internal sealed class TreeContents
{
    private readonly SortedDictionary<byte[], SortedDictionary<byte[], byte[]>> _trees = new(ByteOrder.Instance);

    // Flags and attributes of the trees.
    private readonly Dictionary<string, (int Flags, byte[] Attributes)> _kinds = [];

    public TreeContents()
    {
        _trees[[]] = new SortedDictionary<byte[], byte[]>(ByteOrder.Instance);
    }

    /// <summary>The default tree and the named ones, in the order of their names.</summary>
    public IEnumerable<(string Name, SortedDictionary<byte[], byte[]> Entries)> Trees =>
        _trees.Select(tree => (Encoding.UTF8.GetString(tree.Key), tree.Value));

    public SortedDictionary<byte[], byte[]> Main => _trees[[]];

    public ulong Digest
    {
        get
        {
            var hasher = default(ContentHasher);
            foreach (var (name, entries) in _trees)
            {
                var (flags, attributes) = _kinds.GetValueOrDefault(Encoding.UTF8.GetString(name));
                hasher.BeginTree(name, flags, attributes);
                foreach (var (key, value) in entries)
                {
                    hasher.Add(key, value);
                }
            }

            return hasher.Value;
        }
    }

    public static TreeContents From(IEnumerable<ImageTree> trees)
    {
        var contents = new TreeContents();
        foreach (var tree in trees)
        {
            var entries = contents.Create(tree.Name, tree.Record.Flags, tree.Attributes);
            foreach (var (key, value) in tree.Entries!)
            {
                entries.Add(key, value);
            }
        }

        return contents;
    }

    public SortedDictionary<byte[], byte[]>? Find(string name) =>
        _trees.GetValueOrDefault(Encoding.UTF8.GetBytes(name));

    public SortedDictionary<byte[], byte[]> Create(string name, int flags = 0, byte[]? attributes = null)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        if (!_trees.TryGetValue(bytes, out var entries))
        {
            _kinds[name] = (flags, attributes ?? []);
            _trees[bytes] = entries = new SortedDictionary<byte[], byte[]>(ByteOrder.Instance);
        }

        return entries;
    }

    public void Drop(string name)
    {
        _trees.Remove(Encoding.UTF8.GetBytes(name));
        _kinds.Remove(name);
    }

    public TreeContents Clone()
    {
        var copy = new TreeContents();
        foreach (var (name, entries) in _trees)
        {
            copy._trees[name] = new SortedDictionary<byte[], byte[]>(entries, ByteOrder.Instance);
        }

        foreach (var (name, kind) in _kinds)
        {
            copy._kinds[name] = kind;
        }

        return copy;
    }
}
