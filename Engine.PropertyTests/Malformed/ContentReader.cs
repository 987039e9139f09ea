using System.Text;
using Engine.PropertyTests.Checking;
using Engine.PropertyTests.Model;

namespace Engine.PropertyTests.Malformed;

/// <summary>
/// Reads a state in every way that the API has, goes on with the other trees when one is damaged, and compares each
/// entry with the model where there is one: what comes before an exception has to be right as well.
/// </summary>
internal static class ContentReader
{
    /// <summary>
    /// The samples have hundreds of entries, and damage multiplies them by little; a scan beyond this does not end.
    /// </summary>
    private const int EntryLimit = 100_000;

    /// <returns>The digest of all entries.</returns>
    /// <exception cref="MalformedViolationException">An answer is wrong, or a scan does not end.</exception>
    /// <exception cref="DatabaseException">The first damage that was met.</exception>
    public static ulong Read(Database database, ReadTransaction read, TreeContents? expected, byte[][] keys)
    {
        DatabaseException? damage = null;
        var hasher = default(ContentHasher);
        hasher.BeginTree(default);
        try
        {
            ReadTree(read.Main, expected?.Main, keys, ref hasher);
        }
        catch (DatabaseException e)
        {
            damage = e;
        }

        // The tree of names is the engine's.
        string[] names = [.. read.GetTreeNames().Where(static name => name != "engine:snapshots")];
        if (expected is not null && !expected.Trees.Skip(1).Select(tree => tree.Name).SequenceEqual(names))
        {
            throw new MalformedViolationException($"the trees are {string.Join(' ', names)}");
        }

        foreach (var name in names)
        {
            try
            {
                var tree = read[database.GetTree(name)];
                hasher.BeginTree(
                    Encoding.UTF8.GetBytes(name),
                    (int)tree.GetStatistics().Options,
                    EngineContents.Attributes(read, database.GetTree(name)));
                ReadTree(tree, expected?.Find(name), keys, ref hasher);
                if (tree.GetStatistics().Options.HasFlag(TreeOptions.MultiValued))
                {
                    ReadPairs(read[database.GetMultiTree(name)]);
                }
            }
            catch (DatabaseException e)
            {
                damage ??= e;
            }
        }

        return damage is null ? hasher.Value : throw damage;
    }

    private static void ReadTree(
        TreeReader tree, SortedDictionary<byte[], byte[]>? expected, byte[][] keys, ref ContentHasher hasher)
    {
        if (expected is not null && tree.Count != expected.Count)
        {
            throw new MalformedViolationException(
                $"a tree says that it has {tree.Count} entries instead of {expected.Count}");
        }

        DatabaseException? damage = null;
        try
        {
            Forward(tree, expected, ref hasher);
        }
        catch (DatabaseException e)
        {
            damage = e;
        }

        try
        {
            Backward(tree, expected);
        }
        catch (DatabaseException e)
        {
            damage ??= e;
        }

        try
        {
            for (var i = 0; i < keys.Length; i += 5)
            {
                Probe(tree, expected, keys[i]);
            }
        }
        catch (DatabaseException e)
        {
            damage ??= e;
        }

        if (damage is not null)
        {
            throw damage;
        }
    }

    private static void Forward(TreeReader tree, SortedDictionary<byte[], byte[]>? expected, ref ContentHasher hasher)
    {
        var count = 0;
        using var model = expected?.GetEnumerator();
        foreach (var (key, value) in tree.All())
        {
            RequireEnd(++count);
            if (model is { } entries
                && !(entries.MoveNext() && entries.Current.Key.AsSpan().SequenceEqual(key)
                    && entries.Current.Value.AsSpan().SequenceEqual(value)))
            {
                throw new MalformedViolationException(
                    $"entry {count} is {Convert.ToHexString(key)} with {value.Length} bytes, which is wrong");
            }

            hasher.Add(key, value);
        }

        if (expected is not null && count != expected.Count)
        {
            throw new MalformedViolationException($"a tree shows {count} entries instead of {expected.Count}");
        }
    }

    private static void Backward(TreeReader tree, SortedDictionary<byte[], byte[]>? expected)
    {
        var count = 0;
        var model = expected?.Reverse().GetEnumerator();
        foreach (var (key, value) in tree.All().Reverse())
        {
            RequireEnd(++count);
            if (model is { } entries
                && !(entries.MoveNext() && entries.Current.Key.AsSpan().SequenceEqual(key)
                    && entries.Current.Value.AsSpan().SequenceEqual(value)))
            {
                throw new MalformedViolationException(
                    $"entry {count} from the end is {Convert.ToHexString(key)} with {value.Length} bytes, which is "
                    + "wrong");
            }
        }
    }

    // What the entries are was compared already; here is asked what nobody else asks.
    private static void ReadPairs(MultiTreeReader tree)
    {
        var count = 0;
        foreach (var key in tree.Keys())
        {
            foreach (var value in tree.Values(key))
            {
                RequireEnd(++count);
                _ = tree.Contains(key, value);
            }

            _ = tree.CountValues(key);
            _ = tree.TryGetLast(key, out _);
            _ = tree.TryGetNextKey(key, out _);
        }

        foreach (var (_, _) in tree.All().Reverse())
        {
            RequireEnd(++count);
        }

        var cursor = tree.OpenCursor();
        cursor.MoveToLast();
        while (cursor.MoveToPreviousKey() && cursor.MoveToFirstValue())
        {
            RequireEnd(++count);
        }
    }

    private static void Probe(TreeReader tree, SortedDictionary<byte[], byte[]>? expected, byte[] key)
    {
        var isFound = tree.TryGet(key, out var value);
        if (expected is not null
            && !(expected.TryGetValue(key, out var wanted) ? isFound && value.SequenceEqual(wanted) : !isFound))
        {
            throw new MalformedViolationException(
                $"a lookup of {Convert.ToHexString(key)} gives {(isFound ? value.Length : -1)} bytes, which is wrong");
        }

        tree.TryGetFloor(key, out _);
        tree.TryGetHigher(key, out _);
        var cursor = tree.OpenCursor();
        cursor.Seek(key);
        for (var i = 0; i < 3 && cursor.IsValid; i++)
        {
            cursor.MoveNext();
        }

        for (var i = 0; i < 6 && cursor.IsValid; i++)
        {
            cursor.MovePrevious();
        }
    }

    private static void RequireEnd(int count)
    {
        if (count > EntryLimit)
        {
            throw new MalformedViolationException("a scan does not end");
        }
    }
}
