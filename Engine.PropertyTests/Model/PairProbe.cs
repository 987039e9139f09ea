namespace Engine.PropertyTests.Model;

/// <summary>What readers say of a multi-valued tree, compared with a list of pairs.</summary>
internal static class PairProbe
{
    /// <summary>Looks at the values of one key, and at the keys.</summary>
    public static void Check(
        MultiTreeReader tree, List<(byte[] Key, byte[] Value)> pairs, byte[] key, byte[] other)
    {
        Same(pairs.Count, tree.Count, "Count of pairs");
        var keys = pairs.Select(static pair => pair.Key).DistinctBy(Convert.ToHexString).ToList();
        Same(Hex(keys), Keys(tree.Keys()), "Keys");
        keys.Reverse();
        Same(Hex(keys), Keys(tree.Keys().Reverse()), "Keys in reverse");
        Same(Hex(keys.Where(k => Compare(k, key) > 0).TakeLast(1)), Key(tree.TryGetNextKey(key, out var k), k), "next");
        Same(Hex(keys.Where(k => Compare(k, key) < 0).Take(1)), Key(tree.TryGetPreviousKey(key, out k), k), "previous");
        foreach (var asked in keys.Take(1).Append(key).Append(other))
        {
            CheckKey(tree, asked, [.. pairs.Where(pair => Compare(pair.Key, asked) == 0).Select(pair => pair.Value)]);
        }
    }

    private static void CheckKey(MultiTreeReader tree, byte[] key, List<byte[]> values)
    {
        Same(Hex(values), Values(tree.Values(key)), "Values");
        Same(values.Count, tree.CountValues(key), "CountValues");
        Same(values.Count > 0, tree.ContainsKey(key), "ContainsKey");
        Same(Hex(values.Take(1)), Key(tree.TryGetFirst(key, out var value), value), "TryGetFirst");
        Same(Hex(values.TakeLast(1)), Key(tree.TryGetLast(key, out value), value), "TryGetLast");
        if (values.Count > 0)
        {
            var middle = values[values.Count / 2];
            Same(true, tree.Contains(key, middle), "Contains");
            Same(Hex(values.Skip(values.Count / 2)), Values(tree.Values(key).From(middle)), "Values from one on");
        }
    }

    private static string Keys(MultiTreeKeyRange range)
    {
        var keys = new List<byte[]>();
        foreach (var key in range)
        {
            keys.Add(key.ToArray());
        }

        return Hex(keys);
    }

    private static string Keys(ReverseMultiTreeKeyRange range)
    {
        var keys = new List<byte[]>();
        foreach (var key in range)
        {
            keys.Add(key.ToArray());
        }

        return Hex(keys);
    }

    private static string Values(MultiTreeValueRange range)
    {
        var values = new List<byte[]>();
        foreach (var value in range)
        {
            values.Add(value.ToArray());
        }

        return Hex(values);
    }

    private static string Key(bool isFound, ReadOnlySpan<byte> key) => isFound ? Hex([key.ToArray()]) : string.Empty;

    // The empty one is there, too.
    private static string Hex(IEnumerable<byte[]> all) =>
        string.Concat(all.Select(static one => $"[{Convert.ToHexString(one)}]"));

    private static int Compare(byte[] left, byte[] right) => ByteOrder.Instance.Compare(left, right);

    private static void Same<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new PropertyFailedException($"{what}: expected {expected}, got {actual}");
        }
    }
}
