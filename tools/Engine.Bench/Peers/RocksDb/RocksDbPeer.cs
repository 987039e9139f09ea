using Engine.Bench.Measuring;
using Engine.Bench.Workloads;
using RocksDbSharp;

namespace Engine.Bench.Peers.RocksDb;

/// <summary>RocksDB through RocksDbSharp, with the options that its wiki's page on basic tuning begins with.</summary>
internal sealed class RocksDbPeer : IPeer
{
    public string Name => "rocksdb";

    public string Description => $"RocksDB {PeerFiles.VersionOf(typeof(RocksDbSharp.RocksDb))}, RocksDbSharp";

    public string Settings =>
        $"block cache {Quantity.Bytes(RocksDbOptions.CacheBytes(null))} (a third of the memory, or of its limit), "
        + "blocks 16 KiB, "
        + "filters of 10 bits, index and filters in the cache, LZ4, dynamic levels, 6 background jobs, "
        + "bytes_per_sync 1 MiB; a WriteBatch per transaction, sync=true for durable commits, sync=false without "
        + "flush; a snapshot per read transaction; bulk loads write and ingest an SST file; a delete looks the key up "
        + "first, as RocksDB does not say whether it was there; values are read in place (ISpanDeserializer), MultiGet "
        + "for keys known beforehand";

    public string? Unavailable
    {
        get
        {
            try
            {
                return Native.Instance is null ? "RocksDB was not loaded." : null;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                // The binding loads its library in a type initialiser, and throws what it likes.
                return "RocksDB's native library, of the NuGet package RocksDB, cannot be loaded here "
                    + $"({(failure.InnerException ?? failure).Message}): leave rocksdb out of --peers.";
            }
        }
    }

    // A user of RocksDB in C# has no way around the wrapper's cost: it belongs to the measurement.
    public CallCost? MeasureCallCost() => null;

    public string? Lacks(Workload workload) => workload.Name == "delete-range"
        ? "its DeleteRange does not say how many entries it deletes, and counting them first would be another workload"
        : null;

    public IPeerDatabase Open(string directory, long? memoryLimit) => new RocksDbDatabase(directory, memoryLimit);
}
