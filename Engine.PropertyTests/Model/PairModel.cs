using Engine.PropertyTests.Checking;
using Entries = System.Collections.Immutable.ImmutableSortedDictionary<byte[], byte[]>;

namespace Engine.PropertyTests.Model;

/// <summary>
/// The pairs of a multi-valued tree as the entries that they are stored as: so a model of entries is one of pairs, too.
/// </summary>
internal static class PairModel
{
    private const int KeyLength = 8;
    private const int ValueLength = 12;

    /// <summary>The key of a pair: short enough to be escaped, and of few, so that each has many values.</summary>
    public static byte[] Key(byte[] key) => key[..Math.Min(KeyLength, key.Length)];

    /// <summary>The value of a pair.</summary>
    public static byte[] Value(byte[] value) => value[..Math.Min(ValueLength, value.Length)];

    /// <summary>The key of the entry that a pair is stored as.</summary>
    public static byte[] Entry(byte[] key, byte[] value)
    {
        var entry = new List<byte>();
        foreach (var next in key)
        {
            entry.Add(next);
            if (next == 0)
            {
                entry.Add(255);
            }
        }

        return [.. entry, 0, 0, .. value];
    }

    /// <summary>The value of that entry.</summary>
    public static byte[] Besides(byte[] key) => Array.IndexOf(key, (byte)0) < 0 ? [] : key;

    /// <summary>The pairs behind entries.</summary>
    public static List<(byte[] Key, byte[] Value)> Pairs(Entries entries)
    {
        var pairs = new List<(byte[] Key, byte[] Value)>();
        foreach (var entry in entries.Keys)
        {
            if (!default(PairImage).TrySplit(entry, out var key, out var value))
            {
                throw new PropertyFailedException($"the model has {Convert.ToHexString(entry)}, which is no pair");
            }

            pairs.Add((key, value));
        }

        return pairs;
    }
}
