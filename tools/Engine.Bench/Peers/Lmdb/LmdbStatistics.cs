using System.Runtime.InteropServices;

namespace Engine.Bench.Peers.Lmdb;

/// <summary>MDB_stat.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LmdbStatistics
{
    public uint PageSize;
    public uint Depth;
    public nuint BranchPages;
    public nuint LeafPages;
    public nuint OverflowPages;
    public nuint Entries;

    public readonly long LiveBytes => (long)((BranchPages + LeafPages + OverflowPages) * PageSize);
}
