using Engine.Bench.Data;
using RocksDbSharp;

namespace Engine.Bench.Peers.RocksDb;

/// <summary>Reads values where RocksDB has them, instead of making arrays of them.</summary>
internal sealed class RocksDbDigest : ISpanDeserializer<bool>
{
    private Digest _digest;

    /// <summary>What was read since the last time.</summary>
    public Digest Take()
    {
        Digest taken = _digest;
        _digest = default;
        return taken;
    }

    public void AddMiss() => _digest.AddMiss();

    /// <returns>True: a key that is not there yields false.</returns>
    public bool Deserialize(ReadOnlySpan<byte> buffer)
    {
        _digest.Add(buffer);
        return true;
    }
}
