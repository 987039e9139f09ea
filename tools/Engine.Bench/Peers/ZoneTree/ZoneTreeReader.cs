using Engine.Bench.Data;
using ZoneTree;

namespace Engine.Bench.Peers.ZoneTree;

/// <summary>Reads from the tree that all threads share; its keys are memory, which a reader can use again.</summary>
internal sealed class ZoneTreeReader(ITransactionalZoneTree<Memory<byte>, Memory<byte>> tree) : IPeerReader
{
    private readonly Memory<byte> _key = new byte[KeyStream.KeyLength];

    public bool Get(ReadOnlySpan<byte> key)
    {
        key.CopyTo(_key.Span);
        return tree.TryGet(_key, out Memory<byte> value) && ValueSource.IsWhole(value.Span);
    }

    public void Dispose()
    {
        // The tree belongs to its owner.
    }
}
