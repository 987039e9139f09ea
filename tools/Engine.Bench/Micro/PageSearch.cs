using BenchmarkDotNet.Attributes;
using Engine.Bench.Data;
using Engine.Pages;

namespace Engine.Bench.Micro;

/// <summary>
/// A lookup within one page that is in the processor's cache: what a get costs beside its descent and its cache misses.
/// </summary>
public unsafe class PageSearch
{
    private const int PageSize = 4096;
    private const int Lookups = 1024;
    private const int ValueLength = 100;

    private readonly byte[] _leaf = GC.AllocateArray<byte>(PageSize, pinned: true);
    private readonly byte[] _branch = GC.AllocateArray<byte>(PageSize, pinned: true);
    private byte[][] _stored = [];
    private byte[][] _missing = [];
    private byte[][] _any = [];

    /// <summary>
    /// Fills a leaf with as many entries of 16 + 100 bytes as it holds, and a branch with separators of 8 bytes.
    /// </summary>
    [GlobalSetup]
    public void Setup()
    {
        int leafCount = (PageSize - PageLayout.HeaderSize)
            / (PageLayout.LeafSlotSize + PageLayout.LeafCellHeader + KeyStream.KeyLength + ValueLength);
        byte[][] keys = Sorted(0, leafCount);
        fixed (byte* address = _leaf)
        {
            LeafBuilder builder = new(new Page(address), PageSize, leafCount);
            foreach (byte[] key in keys)
            {
                builder.Add(key, ValueLength, ValueLength).Clear();
            }

            builder.Finish();
        }

        const int SeparatorLength = 8;
        int branchCount = (PageSize - PageLayout.HeaderSize)
            / (PageLayout.BranchSlotSize + PageLayout.BranchCellHeader + SeparatorLength);
        byte[][] separators = Sorted(1_000_000, branchCount);
        fixed (byte* address = _branch)
        {
            BranchBuilder builder = new(new Page(address), 1, PageSize, branchCount, isCounted: false);
            for (int i = 0; i < branchCount; i++)
            {
                builder.Add(i == 0 ? [] : separators[i].AsSpan(0, SeparatorLength), (ulong)i + 10, 0, 0);
            }

            builder.Finish();
        }

        // More lookups than a branch predictor learns by heart.
        _stored = [.. Enumerable.Range(0, Lookups).Select(i => keys[Mixing.Mix((ulong)i) % (ulong)leafCount])];
        _missing = Sorted(2_000_000, Lookups);
        _any = Sorted(3_000_000, Lookups);
        Random.Shared.Shuffle(_missing);
        Random.Shared.Shuffle(_any);
    }

    /// <summary>Finds keys that the leaf holds.</summary>
    [Benchmark(Description = "leaf, key present", OperationsPerInvoke = Lookups)]
    public int Present() => Find(_stored);

    /// <summary>Looks for keys that the leaf does not hold.</summary>
    [Benchmark(Description = "leaf, key absent", OperationsPerInvoke = Lookups)]
    public int Absent() => Find(_missing);

    /// <summary>Finds the child that a key belongs to.</summary>
    [Benchmark(Description = "branch", OperationsPerInvoke = Lookups)]
    public int Child()
    {
        int sum = 0;
        fixed (byte* address = _branch)
        {
            BranchPage branch = new(new Page(address));
            foreach (byte[] key in _any)
            {
                sum += branch.Find(key);
            }
        }

        return sum;
    }

    private int Find(byte[][] keys)
    {
        int sum = 0;
        fixed (byte* address = _leaf)
        {
            LeafPage leaf = new(new Page(address));
            foreach (byte[] key in keys)
            {
                sum += leaf.Find(key);
            }
        }

        return sum;
    }

    private static byte[][] Sorted(long first, int count)
    {
        KeyStream stream = new(KeyOrder.Sequential, 1, long.MaxValue);
        byte[][] keys = new byte[count][];
        for (int i = 0; i < count; i++)
        {
            keys[i] = new byte[KeyStream.KeyLength];
            stream.Write(first + i, keys[i]);
        }

        Array.Sort(keys, static (a, b) => a.AsSpan().SequenceCompareTo(b));
        return keys;
    }
}
