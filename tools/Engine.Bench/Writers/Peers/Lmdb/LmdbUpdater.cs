using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers.Lmdb;

/// <summary>A thread's way to LMDB: nothing of its own is kept between updates.</summary>
internal sealed class LmdbUpdater(LmdbWriterDatabase database) : IUpdater
{
    public void Apply(ReadOnlyMemory<Update> updates) => database.Apply(updates);

    public void Dispose()
    {
        // The environment belongs to its owner.
    }
}
