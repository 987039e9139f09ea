using System.Collections.Immutable;
using System.Text;
using Engine.PropertyTests.Checking;
using Entries = System.Collections.Immutable.ImmutableSortedDictionary<byte[], byte[]>;

namespace Engine.PropertyTests.Model;

/// <summary>
/// What a database should hold: immutable, so that every commit and every reader simply keeps its own.
/// </summary>
internal sealed class ModelState
{
    private static readonly ImmutableSortedDictionary<string, ModelState?> NoNames =
        ImmutableSortedDictionary.Create<string, ModelState?>(StringComparer.Ordinal);

    private static readonly Entries NoEntries = Entries.Empty.WithComparers(ByteOrder.Instance);

    /// <summary>A database as it is created.</summary>
    public static readonly ModelState Empty =
        new(
            ImmutableSortedDictionary<byte[], Entries>.Empty.WithComparers(ByteOrder.Instance).Add([], NoEntries),
            ImmutableDictionary<string, TreeKind>.Empty,
            NoNames);

    private readonly ImmutableSortedDictionary<byte[], Entries> _trees;
    // What the named trees are.
    private readonly ImmutableDictionary<string, TreeKind> _kinds;

    // What is named, ASCII names only; null for the very state that this is still to become.
    private readonly ImmutableSortedDictionary<string, ModelState?> _names;
    private ulong? _digest;
    private ulong? _treesDigest;

    private ModelState(
        ImmutableSortedDictionary<byte[], Entries> trees,
        ImmutableDictionary<string, TreeKind> kinds,
        ImmutableSortedDictionary<string, ModelState?> names)
    {
        _trees = trees;
        _kinds = kinds;
        _names = names;
    }

    /// <summary>Comparable with the digest of an image and that of a reader, with what is named.</summary>
    public ulong Digest => _digest ??= ContentHasher.WithNames(
        TreesDigest,
        _names.Select(named => (
            (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes(named.Key), (named.Value ?? this).TreesDigest)));

    /// <summary>The same without what is named.</summary>
    public ulong TreesDigest => _treesDigest ??= ComputeDigest();

    /// <summary>The named snapshots, ascending.</summary>
    public IEnumerable<string> Names => _names.Keys;

    public bool HasName(string name) => _names.ContainsKey(name);

    /// <summary>What a named snapshot keeps.</summary>
    public ModelState Named(string name) => _names[name] ?? this;

    /// <summary>Names a state, or, if it is null, the one that this becomes.</summary>
    public ModelState Name(string name, ModelState? state) => new(_trees, _kinds, _names.Add(name, state));

    public ModelState Unname(string name) => new(_trees, _kinds, _names.Remove(name));

    public ModelState NameAgain(string name, string newName) =>
        new(_trees, _kinds, _names.Remove(name).Add(newName, _names[name]));

    /// <summary>The same trees with what another state names.</summary>
    public ModelState WithNamesOf(ModelState other) => new(_trees, _kinds, other._names);

    /// <summary>The trees of another state, but one of its own, and its own names.</summary>
    public ModelState WithTreesOf(ModelState other, string own)
    {
        var (trees, kinds) = (other._trees.Remove(Bytes(own)), other._kinds.Remove(own));
        return HasTree(own)
            ? new(trees.Add(Bytes(own), this[own]), kinds.SetItem(own, KindOf(own)), _names)
            : new(trees, kinds, _names);
    }

    /// <summary>It is committed: what names it knows it.</summary>
    public ModelState Complete()
    {
        var names = _names;
        foreach (var (name, state) in _names)
        {
            if (state is null)
            {
                names = names.SetItem(name, this);
            }
        }

        return ReferenceEquals(names, _names) ? this : new(_trees, _kinds, names);
    }

    /// <summary>The names of the trees but the default one, in bytewise order.</summary>
    public IEnumerable<string> TreeNames => _trees.Keys.Skip(1).Select(Encoding.UTF8.GetString);

    public bool HasTree(string tree) => _trees.ContainsKey(Bytes(tree));

    public TreeKind KindOf(string tree) => _kinds.GetValueOrDefault(tree, TreeKind.Plain);

    public TreeOptions OptionsOf(string tree) => KindOf(tree).Options;

    public Entries this[string tree] => _trees[Bytes(tree)];

    public ModelState Put(string tree, byte[] key, byte[] value) => With(tree, this[tree].SetItem(key, value));

    public ModelState Delete(string tree, byte[] key) => With(tree, this[tree].Remove(key));

    /// <summary>Deletes what lies in from &lt;= key &lt; to.</summary>
    public ModelState DeleteRange(string tree, byte[] from, byte[] to, out long count)
    {
        var doomed = this[tree].Keys.Where(
            k => ByteOrder.Instance.Compare(from, k) <= 0 && ByteOrder.Instance.Compare(k, to) < 0).ToList();
        count = doomed.Count;
        return With(tree, this[tree].RemoveRange(doomed));
    }

    public ModelState Create(string tree, TreeOptions options) => Create(tree, new TreeKind(options, []));

    public ModelState Create(string tree, TreeKind kind) =>
        HasTree(tree) ? this : new(_trees.Add(Bytes(tree), NoEntries), _kinds.SetItem(tree, kind), _names);

    /// <summary>Drops a tree, and what the engine drops with it: its times, its index.</summary>
    public ModelState Drop(string tree)
    {
        var rest = Move([(tree, null, default)]);
        return KindOf(tree) switch
        {
            { IsExpiring: true } => rest.Move([(TreeKind.TimesOf(tree), null, default)]),
            { HasIndex: true } => rest.Move([(TreeKind.IndexName, null, default)]),
            _ => rest,
        };
    }

    /// <summary>Gives a tree another name, and its times the one that goes with it.</summary>
    public ModelState Rename(string tree, string name)
    {
        var renamed = Move([(tree, name, KindOf(tree))]);
        return KindOf(tree).IsExpiring
            ? renamed.Move([(TreeKind.TimesOf(tree), TreeKind.TimesOf(name), TreeKind.Times)])
            : renamed;
    }

    /// <summary>Makes, drops, renames and redefines trees, all at once, and does nothing besides.</summary>
    public ModelState Move(IReadOnlyList<(string? From, string? To, TreeKind Kind)> moves)
    {
        var (trees, kinds) = (_trees, _kinds);
        foreach (var from in moves.Select(static move => move.From).OfType<string>())
        {
            (trees, kinds) = (trees.Remove(Bytes(from)), kinds.Remove(from));
        }

        foreach (var (from, to, kind) in moves)
        {
            if (to is not null)
            {
                (trees, kinds) = (trees.Add(Bytes(to), from is null ? NoEntries : this[from]), kinds.Add(to, kind));
            }
        }

        return new(trees, kinds, _names);
    }

    /// <summary>Deletes entries.</summary>
    public ModelState DeleteMany(string tree, IEnumerable<byte[]> keys) => With(tree, this[tree].RemoveRange(keys));

    /// <summary>Removes all entries of a tree, and its times.</summary>
    public ModelState Truncate(string tree) => KindOf(tree).IsExpiring
        ? With(tree, NoEntries).With(TreeKind.TimesOf(tree), NoEntries)
        : With(tree, NoEntries);

    /// <summary>Says where two states differ, for a failure's message.</summary>
    public string Difference(IReadOnlyList<ImageTree> trees)
    {
        var text = new StringBuilder();
        foreach (var name in _trees.Keys.Select(Encoding.UTF8.GetString).Union(trees.Select(t => t.Name)))
        {
            var found = trees.FirstOrDefault(t => t.Name == name)?.Entries;
            if (!HasTree(name) || found is null)
            {
                text.AppendLine($"tree '{name}' is {(found is null ? "missing" : "not expected")}");
                continue;
            }

            var left = this[name].ToDictionary(e => Convert.ToHexString(e.Key), e => Convert.ToHexString(e.Value));
            var right = found.ToDictionary(e => Convert.ToHexString(e.Key), e => Convert.ToHexString(e.Value));
            foreach (var key in left.Keys.Union(right.Keys).Order(StringComparer.Ordinal))
            {
                if (left.GetValueOrDefault(key) != right.GetValueOrDefault(key))
                {
                    text.AppendLine(
                        $"tree '{name}' key {key}: expected {Short(left.GetValueOrDefault(key))}, found "
                        + $"{Short(right.GetValueOrDefault(key))}");
                }
            }
        }

        return text.ToString();
    }

    private static string Short(string? hex) =>
        hex is null ? "nothing" : hex.Length <= 40 ? $"[{hex}]" : $"[{hex[..40]}… {hex.Length / 2} bytes]";

    private static byte[] Bytes(string tree) => Encoding.UTF8.GetBytes(tree);

    private ModelState With(string tree, Entries entries) =>
        new(_trees.SetItem(Bytes(tree), entries), _kinds, _names);

    private ulong ComputeDigest()
    {
        var hasher = default(ContentHasher);
        foreach (var (name, entries) in _trees)
        {
            var (options, attributes) = KindOf(Encoding.UTF8.GetString(name));
            hasher.BeginTree(name, (int)options, attributes);
            foreach (var (key, value) in entries)
            {
                hasher.Add(key, value);
            }
        }

        return hasher.Value;
    }
}
