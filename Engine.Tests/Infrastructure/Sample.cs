using System.Buffers.Binary;

namespace Engine.Tests.Infrastructure;

/// <summary>Keys, values and databases that many tests need.</summary>
internal static class Sample
{
    /// <summary>The smallest pages, which reach splits, merges and overflow with a handful of keys.</summary>
    public const int TinyPage = 256;

    /// <summary>A key whose byte order is the numbers' order.</summary>
    public static byte[] Key(int number)
    {
        var key = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(key, number);
        return key;
    }

    /// <summary>Bytes that look random and are the same for the same seed.</summary>
    public static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static DatabaseOptions Options(int pageSize) =>
        new() { PageSize = pageSize, AllowTestPageSizes = true, FlushInterval = Timeout.InfiniteTimeSpan };

    public static Database InMemory(int pageSize = TinyPage) => Database.OpenInMemory(Options(pageSize));

    /// <summary>
    /// Writes one entry per number, <see cref="Key"/> to <see cref="Bytes"/> of the number, in one durable transaction.
    /// </summary>
    public static void Fill(Database database, int from, int to, int valueLength = 20)
    {
        using var transaction = database.BeginWrite();
        for (var i = from; i < to; i++)
        {
            transaction.Main.Put(Key(i), Bytes(valueLength, i));
        }

        transaction.Commit();
    }

    public static void Put(
        Database database, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, CommitMode mode = CommitMode.Durable)
    {
        using var transaction = database.BeginWrite();
        transaction.Main.Put(key, value);
        transaction.Commit(mode);
    }

    public static byte[]? Get(Database database, ReadOnlySpan<byte> key)
    {
        using var read = database.BeginRead();
        return read.Main.Get(key);
    }

    /// <summary>
    /// Reads every entry of every tree, which touches and so verifies every page; the default tree's name is empty.
    /// </summary>
    public static Dictionary<string, SortedDictionary<byte[], byte[]>> ReadAll(Database database)
    {
        var trees = new Dictionary<string, SortedDictionary<byte[], byte[]>>(StringComparer.Ordinal);
        using var snapshot = database.OpenSnapshot();
        using var read = snapshot.BeginRead();
        trees[string.Empty] = Copy(read.Main);
        foreach (var name in read.GetTreeNames())
        {
            trees[name] = Copy(read[database.GetTree(name)]);
        }

        return trees;
    }

    /// <summary>A copy of a tree, both ways round, which must agree.</summary>
    public static SortedDictionary<byte[], byte[]> Copy(TreeReader reader)
    {
        var entries = new SortedDictionary<byte[], byte[]>(ByteOrder.Instance);
        byte[]? last = null;
        foreach (var (key, value) in reader.All())
        {
            Assert.That(last is null || last.AsSpan().SequenceCompareTo(key) < 0, "ascending order");
            last = key.ToArray();
            entries.Add(last, value.ToArray());
        }

        var backwards = 0L;
        foreach (var (key, _) in reader.All().Reverse())
        {
            backwards++;
            Assert.That(last is not null && last.AsSpan().SequenceCompareTo(key) >= 0, "descending order");
            last = key.ToArray();
        }

        Assert.That((reader.Count, backwards), Is.EqualTo(((long)entries.Count, (long)entries.Count)));
        return entries;
    }

    /// <summary>As a constraint on arrays, but quick for large ones.</summary>
    public static void AssertBytes(ReadOnlySpan<byte> actual, ReadOnlySpan<byte> expected)
    {
        if (!actual.SequenceEqual(expected))
        {
            Assert.Fail(
                $"{actual.Length} bytes instead of {expected.Length}; they differ from "
                + $"{actual.CommonPrefixLength(expected)} on");
        }
    }

    /// <summary>Two copies hold the same entries.</summary>
    public static void AssertSame(SortedDictionary<byte[], byte[]> actual, SortedDictionary<byte[], byte[]> expected)
    {
        Assert.That(actual.Count, Is.EqualTo(expected.Count));
        foreach (var ((key, value), (expectedKey, expectedValue)) in actual.Zip(expected))
        {
            if (!key.AsSpan().SequenceEqual(expectedKey) || !value.AsSpan().SequenceEqual(expectedValue))
            {
                Assert.Fail(
                    $"Key {Convert.ToHexString(key)} with {value.Length} bytes stands where "
                    + $"{Convert.ToHexString(expectedKey)} with {expectedValue.Length} bytes should.");
            }
        }
    }
}
