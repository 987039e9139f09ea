using System.Text;

namespace Engine.Tests.Infrastructure;

/// <summary>What a tree of a <see cref="TestImage"/> is to hold.</summary>
internal sealed class ImageTree(ulong id)
{
    public ulong Id { get; set; } = id;

    public SortedDictionary<byte[], byte[]> Entries { get; } = new(new ByteOrder());

    /// <summary>Fewer children, or entries, than fit, so that a few keys make a deep tree.</summary>
    public int Fanout { get; set; } = int.MaxValue;

    /// <summary>Values longer than this go to overflow runs, as do those that do not fit.</summary>
    public int InlineLimit { get; set; } = int.MaxValue;

    /// <summary>Branches of one child are put on top until the tree is so deep.</summary>
    public int MinimumDepth { get; set; }

    /// <summary>Branches have the number of entries below each child.</summary>
    public bool IsCounted { get; set; }

    /// <summary>The tree is a multi-valued one; its entries are put as they are to be stored.</summary>
    public bool IsMultiValued { get; set; }

    /// <summary>The birth of its first leaf, if that is not the newest transaction.</summary>
    public ulong? Birth { get; set; }

    /// <summary>Writes cells of any size.</summary>
    public bool IgnoresLimits { get; set; }

    public ImageTree Put(string key, string value) => Put(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));

    public ImageTree Put(byte[] key, byte[] value)
    {
        Entries[key] = value;
        return this;
    }

    /// <summary>Keys that share a prefix, in numbers that need many pages.</summary>
    public ImageTree Fill(int count, string prefix = "key-", int valueLength = 8)
    {
        for (var i = 0; i < count; i++)
            Put($"{prefix}{i:d5}", new string((char)('a' + i % 26), valueLength));
        return this;
    }

    private sealed class ByteOrder : IComparer<byte[]>
    {
        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
