using BenchmarkDotNet.Attributes;
using Engine.Pages;

namespace Engine.Bench.Micro;

/// <summary>The checksum of a page, which every written page and every first touch pays.</summary>
public class Checksum
{
    private byte[] _page = [];

    /// <summary>Bytes of the page.</summary>
    [Params(4096, 16384, 65536)]
    public int PageSize { get; set; }

    /// <summary>Fills the page with noise.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _page = GC.AllocateArray<byte>(PageSize, pinned: true);
        new Random(1).NextBytes(_page);
    }

    /// <summary>Sums the page.</summary>
    [Benchmark(Description = "checksum of a page")]
    public uint Compute() => PageChecksum.Compute(_page);
}
