using Engine.Bench.Data;
using RocksDbSharp;

namespace Engine.Bench.Peers.RocksDb;

/// <summary>Reads from the database that all threads share: a lookup sees the newest state.</summary>
internal sealed class RocksDbReader(RocksDbSharp.RocksDb database) : IPeerReader, ISpanDeserializer<bool>
{
    public bool Get(ReadOnlySpan<byte> key) => database.Get(key, this);

    public bool Deserialize(ReadOnlySpan<byte> buffer) => ValueSource.IsWhole(buffer);

    public void Dispose()
    {
        // The database belongs to its owner.
    }
}
