using System.Reflection;
using Engine.Bench.Writers.Data;
using RocksDbSharp;

namespace Engine.Bench.Writers.Peers.RocksDb;

/// <summary>RocksDB, which writes the batches of clients that wait together in one group.</summary>
internal sealed class RocksDbWriterPeer : IWriterPeer
{
    public string Name => "rocksdb";

    public string Description => $"RocksDB {Version}, RocksDbSharp";

    public string Settings =>
        "a column family per tree, write-ahead log, sync=true, a WriteBatch per update, block cache 512 MiB, filters "
        + "of 10 bits, defaults otherwise; the lookup comes before the batch, under one of 65,536 locks of the "
        + "program's that the player's number chooses, as RocksDB has no write transaction in this form; threads, as "
        + "it has no asynchronous one";

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

    private static string Version =>
        typeof(RocksDbSharp.RocksDb).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0]
        ?? "of unknown version";

    public IWriterDatabase Open(string directory, WriterData data, int clients) =>
        new RocksDbWriterDatabase(Path.Combine(directory, "rocksdb"), data);
}
