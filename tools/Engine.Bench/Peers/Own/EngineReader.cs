using Engine.Bench.Data;

namespace Engine.Bench.Peers.Own;

/// <summary>Reads from the database that all threads share.</summary>
internal sealed class EngineReader(Database database) : IPeerReader
{
    public bool Get(ReadOnlySpan<byte> key)
    {
        using ReadTransaction read = database.BeginRead();
        return read.Main.TryGet(key, out ReadOnlySpan<byte> value) && ValueSource.IsWhole(value);
    }

    public void Dispose()
    {
        // The database belongs to its owner.
    }
}
