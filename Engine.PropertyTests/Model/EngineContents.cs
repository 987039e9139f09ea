using System.Text;
using Engine.PropertyTests.Checking;

namespace Engine.PropertyTests.Model;

/// <summary>Reads everything through the public API.</summary>
internal static class EngineContents
{
    private const int RankEvery = 5;

    private const string NamesTree = "engine:snapshots";

    /// <summary>
    /// The digest of all trees of the newest published state, and of all that it names, comparable with that of the
    /// model and of an image.
    /// </summary>
    /// <param name="database">The database.</param>
    /// <param name="read">Reads that state.</param>
    public static ulong Digest(Database database, ReadTransaction read)
    {
        var digest = TreesDigest(database, read);
        var names = Names(database, read);
        if (names.Count == 0)
        {
            return digest;
        }

        var named = new List<(ReadOnlyMemory<byte>, ulong)>();
        foreach (var info in database.ListSnapshots())
        {
            using var snapshot = database.OpenSnapshot(info.Name);
            using var readNamed = snapshot.BeginRead();
            if (snapshot.TransactionId != info.TransactionId)
            {
                throw new InvalidOperationException(
                    $"'{info.Name}' is listed as of {info.TransactionId}, and opened as of {snapshot.TransactionId}");
            }

            named.Add((Encoding.UTF8.GetBytes(info.Name), TreesDigest(database, readNamed)));
        }

        return ContentHasher.WithNames(digest, named);
    }

    /// <summary>The names that a state has, if it may have some: those of the tree that the engine keeps.</summary>
    public static List<string> Names(Database database, ReadTransaction read)
    {
        var names = new List<string>();
        if (read.TryGetTree(database.GetTree(NamesTree), out var tree))
        {
            foreach (var (key, _) in tree.All())
            {
                names.Add(Encoding.UTF8.GetString(key));
            }
        }

        return names;
    }

    /// <summary>The digest of all trees of a state, without what it names.</summary>
    public static ulong TreesDigest(Database database, ReadTransaction read)
    {
        var hasher = default(ContentHasher);
        hasher.BeginTree(default);
        Add(ref hasher, read.Main);
        foreach (var name in Sorted(read.GetTreeNames().Where(static name => name != NamesTree)))
        {
            var tree = read[database.GetTree(name)];
            hasher.BeginTree(
                Encoding.UTF8.GetBytes(name),
                (int)tree.GetStatistics().Options,
                Attributes(read, database.GetTree(name)));
            Add(ref hasher, tree);
        }

        return hasher.Value;
    }

    /// <summary>What a tree has behind its record: its definition without the flags.</summary>
    public static ReadOnlySpan<byte> Attributes(ReadTransaction read, Tree tree) =>
        read.GetDefinition(tree) is { } definition ? definition.ToBytes().AsSpan(1) : default;

    /// <summary>The entries themselves, for messages.</summary>
    public static List<ImageTree> Collect(Database database, ReadTransaction read)
    {
        var trees = new List<ImageTree> { new("", default, Entries(read.Main)) };
        foreach (var name in Sorted(read.GetTreeNames().Where(static name => name != NamesTree)))
        {
            trees.Add(new ImageTree(name, default, Entries(read[database.GetTree(name)])));
        }

        return trees;
    }

    private static IEnumerable<string> Sorted(IEnumerable<string> names) =>
        names.OrderBy(Encoding.UTF8.GetBytes, ByteOrder.Instance);

    private static void Add(ref ContentHasher hasher, TreeReader tree)
    {
        long count = 0;
        var isCounted = tree.GetStatistics().Options.HasFlag(TreeOptions.Counted);
        foreach (var (key, value) in tree.All())
        {
            hasher.Add(key, value);
            if (isCounted && count % RankEvery == 0 && tree.Rank(key) != count)
            {
                throw new InvalidOperationException($"a key has the rank {tree.Rank(key)} and comes at {count}");
            }

            count++;
        }

        if (count != tree.Count)
        {
            throw new InvalidOperationException($"a tree says it has {tree.Count} entries and shows {count}");
        }
    }

    private static List<KeyValuePair<byte[], byte[]>> Entries(TreeReader tree)
    {
        var entries = new List<KeyValuePair<byte[], byte[]>>();
        foreach (var (key, value) in tree.All())
        {
            entries.Add(new(key.ToArray(), value.ToArray()));
        }

        return entries;
    }
}
