using Entries = System.Collections.Immutable.ImmutableSortedDictionary<byte[], byte[]>;

namespace Engine.PropertyTests.Model;

/// <summary>
/// Asks a tree around one key everything that the reading API can be asked, and compares with the model.
/// </summary>
internal static class ReadProbe
{
    private const int Steps = 4;

    public static void Check(TreeReader tree, Entries expected, byte[] key, byte[] other, TreeOptions options)
    {
        Same(options, tree.GetStatistics().Options, "Options");
        var keys = expected.Keys.ToList();
        var at = keys.BinarySearch(key, ByteOrder.Instance);
        var below = at >= 0 ? at - 1 : ~at - 1;
        var above = at >= 0 ? at + 1 : ~at;
        Same(keys.Count, tree.Count, "Count");
        Same(at >= 0, tree.ContainsKey(key), "ContainsKey");
        Same(
            at >= 0 ? Convert.ToHexString(expected[key]) : null,
            tree.TryGet(key, out var value) ? Convert.ToHexString(value) : null,
            "TryGet");
        Same(At(keys, 0), Key(tree.TryGetFirst(out var entry), entry), "TryGetFirst");
        Same(At(keys, keys.Count - 1), Key(tree.TryGetLast(out entry), entry), "TryGetLast");
        Same(At(keys, at >= 0 ? at : below), Key(tree.TryGetFloor(key, out entry), entry), "TryGetFloor");
        Same(At(keys, at >= 0 ? at : above), Key(tree.TryGetCeiling(key, out entry), entry), "TryGetCeiling");
        Same(At(keys, below), Key(tree.TryGetLower(key, out entry), entry), "TryGetLower");
        Same(At(keys, above), Key(tree.TryGetHigher(key, out entry), entry), "TryGetHigher");
        CheckRanges(tree, keys, key, other, options);
        if (options.HasFlag(TreeOptions.Counted))
        {
            CheckRanks(tree, keys, key, other, at >= 0 ? at : above);
        }

        CheckCursor(tree, keys, key, at >= 0 ? at : above);
    }

    private static void CheckRanges(TreeReader tree, List<byte[]> keys, byte[] key, byte[] other, TreeOptions options)
    {
        var (from, to) = ByteOrder.Instance.Compare(key, other) <= 0 ? (key, other) : (other, key);
        var prefix = key.AsSpan(0, Math.Min(1, key.Length)).ToArray();
        CheckRange(
            tree.Range(from, to),
            keys.Where(k => Compare(from, k) <= 0 && Compare(k, to) < 0),
            other,
            "Range",
            options);
        CheckRange(
            tree.Range(to, from),
            keys.Where(k => Compare(to, k) <= 0 && Compare(k, from) < 0),
            other,
            "Range with its ends exchanged",
            options);
        CheckRange(tree.From(key), keys.Where(k => Compare(key, k) <= 0), other, "From", options);
        CheckRange(tree.Until(key), keys.Where(k => Compare(k, key) < 0), other, "Until", options);
        CheckRange(tree.Prefix(prefix), keys.Where(k => k.AsSpan().StartsWith(prefix)), key, "Prefix", options);
        CheckRange(
            tree.Prefix(key), keys.Where(k => k.AsSpan().StartsWith(key)), other, "Prefix of a whole key", options);
        CheckRange(tree.All(), keys, key, "All", options);
    }

    // The range, and what is left of it behind and before a key.
    private static void CheckRange(
        TreeRange range, IEnumerable<byte[]> expected, byte[] key, string what, TreeOptions options)
    {
        var all = expected.ToList();
        CheckEntries(range, all, what, options);
        CheckEntries(range.After(key), [.. all.Where(k => Compare(k, key) > 0)], $"{what} After", options);
        CheckEntries(range.Before(key), [.. all.Where(k => Compare(k, key) < 0)], $"{what} Before", options);
        if (all.Count > 0)
        {
            var (first, last) = (all[0], all[^1]);
            var inner = range.After(first).Before(last);
            CheckEntries(inner, [.. all.Skip(1).SkipLast(1)], $"{what} After Before", options);
        }
    }

    private static void CheckEntries(TreeRange range, List<byte[]> expected, string what, TreeOptions options)
    {
        var wanted = expected.ConvertAll(Convert.ToHexString);
        Same(string.Join(' ', wanted), Keys(range), what);
        Same(wanted.Count, range.Count(), $"{what} Count");
        Same(string.Join(' ', wanted.Take(2)), Keys(range.Take(2)), $"{what} Take");
        var most = wanted.Count * 2 / 3;
        Same(string.Join(' ', wanted.Take(most)), Keys(range.Take(most)), $"{what} Take of most");

        var isCounted = options.HasFlag(TreeOptions.Counted);
        if (isCounted)
        {
            Same(string.Join(' ', wanted.Skip(most)), Keys(range.Skip(most)), $"{what} Skip");
            Same(string.Join(' ', wanted.Skip(1).Take(2)), Keys(range.Skip(1).Take(2)), $"{what} Skip Take");
            Same(Math.Max(0, wanted.Count - most - 1), range.Skip(most).Skip(1).Count(), $"{what} Skip Skip Count");
        }

        wanted.Reverse();
        if (isCounted)
        {
            Same(string.Join(' ', wanted.Skip(most)), Keys(range.Reverse().Skip(most)), $"{what} in reverse Skip");
        }

        Same(string.Join(' ', wanted), Keys(range.Reverse()), $"{what} in reverse");
        Same(wanted.Count, range.Reverse().Count(), $"{what} in reverse Count");
        Same(string.Join(' ', wanted.Take(2)), Keys(range.Reverse().Take(2)), $"{what} in reverse Take");
        Same(string.Join(' ', wanted.Take(most)), Keys(range.Reverse().Take(most)), $"{what} in reverse Take of most");
    }

    private static void CheckRanks(TreeReader tree, List<byte[]> keys, byte[] key, byte[] other, int rank)
    {
        var (from, to) = ByteOrder.Instance.Compare(key, other) <= 0 ? (key, other) : (other, key);
        var prefix = key.AsSpan(0, Math.Min(1, key.Length)).ToArray();
        Same(rank, tree.Rank(key), "Rank");
        foreach (var index in (ReadOnlySpan<int>)[-1, 0, rank - 1, rank, rank + 1, keys.Count - 1, keys.Count])
        {
            Same(At(keys, index), Key(tree.TryGetAt(index, out var entry), entry), $"TryGetAt {index}");
        }

        Same(keys.Count(k => Compare(from, k) <= 0 && Compare(k, to) < 0), tree.CountRange(from, to), "CountRange");
        Same(0, Compare(from, to) == 0 ? 0 : tree.CountRange(to, from), "CountRange with its ends exchanged");
        Same(keys.Count(k => k.AsSpan().StartsWith(prefix)), tree.CountPrefix(prefix), "CountPrefix");

        // Parts of the same size, or one entry each.
        var borders = tree.Partition(3);
        var wanted = Enumerable.Range(1, 2).Select(part => keys.Count * part / 3).Where(static at => at > 0).Distinct();
        Same(
            string.Join(' ', wanted.Select(at => Convert.ToHexString(keys[at]))),
            string.Join(' ', borders.Select(Convert.ToHexString)),
            "Partition");
    }

    private static string Keys(TreeRange range)
    {
        var keys = new List<string>();
        foreach (var (key, _) in range)
        {
            keys.Add(Convert.ToHexString(key));
        }

        return string.Join(' ', keys);
    }

    private static string Keys(ReverseTreeRange range)
    {
        var keys = new List<string>();
        foreach (var (key, _) in range)
        {
            keys.Add(Convert.ToHexString(key));
        }

        return string.Join(' ', keys);
    }

    // A few steps to either side, over the ends and back.
    private static void CheckCursor(TreeReader tree, List<byte[]> keys, byte[] key, int ceiling)
    {
        var cursor = tree.OpenCursor();
        Same(ceiling < keys.Count, cursor.Seek(key), "Seek");
        var at = ceiling;
        for (var i = 0; i < Steps; i++)
        {
            at = Math.Min(at + 1, keys.Count);
            Same(at < keys.Count, cursor.MoveNext(), "MoveNext");
            RequireAt(cursor, keys, at);
        }

        for (var i = 0; i < 2 * Steps; i++)
        {
            at = Math.Max(at - 1, -1);
            Same(at >= 0, cursor.MovePrevious(), "MovePrevious");
            RequireAt(cursor, keys, at);
        }
    }

    private static void RequireAt(ReadCursor cursor, List<byte[]> keys, int index)
    {
        Same(At(keys, index) is not null, cursor.IsValid, "IsValid");
        if (cursor.IsValid)
        {
            Same(At(keys, index), Convert.ToHexString(cursor.Key), "the cursor's key");
        }
    }

    private static int Compare(byte[] left, byte[] right) => ByteOrder.Instance.Compare(left, right);

    private static string? At(List<byte[]> keys, int index) =>
        index >= 0 && index < keys.Count ? Convert.ToHexString(keys[index]) : null;

    private static string? Key(bool isFound, Entry entry) => isFound ? Convert.ToHexString(entry.Key) : null;

    private static void Same<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new PropertyFailedException($"{what}: expected {expected}, got {actual}");
        }
    }
}
