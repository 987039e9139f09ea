using RocksDbSharp;

namespace Engine.Bench.Peers.RocksDb;

/// <summary>
/// The options that RocksDB's wiki advises to begin with ("Setup Options and Basic Tuning"), and otherwise defaults.
/// </summary>
internal static class RocksDbOptions
{
    private const int FilterBits = 10;
    private const ulong BlockBytes = 16 << 10;
    private const ulong BytesPerSync = 1 << 20;

    /// <summary>A third of the memory that there is.</summary>
    public static long CacheBytes(long? memoryLimit) =>
        (memoryLimit ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) / 3;

    public static DbOptions Create(long? memoryLimit)
    {
        BlockBasedTableOptions table = new BlockBasedTableOptions()
            .SetBlockCache(Cache.CreateLru((ulong)CacheBytes(memoryLimit)))
            .SetBlockSize(BlockBytes)
            .SetFilterPolicy(BloomFilterPolicy.Create(FilterBits))
            .SetCacheIndexAndFilterBlocks(true)
            .SetPinL0FilterAndIndexBlocksInCache(true);
        return new DbOptions()
            .SetCreateIfMissing()
            .SetMaxBackgroundCompactions(4)
            .SetMaxBackgroundFlushes(2)
            .SetBytesPerSync(BytesPerSync)
            .SetLevelCompactionDynamicLevelBytes(true)
            .SetCompression(Compression.Lz4)
            .SetBlockBasedTableFactory(table);
    }

    /// <summary>The same for files that are ingested.</summary>
    public static ColumnFamilyOptions ForFiles() => new ColumnFamilyOptions()
        .SetCompression(Compression.Lz4)
        .SetBlockBasedTableFactory(new BlockBasedTableOptions()
            .SetBlockSize(BlockBytes)
            .SetFilterPolicy(BloomFilterPolicy.Create(FilterBits)));
}
