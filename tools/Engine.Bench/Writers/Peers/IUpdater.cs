using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers;

/// <summary>What one thread makes updates with.</summary>
internal interface IUpdater : IDisposable
{
    /// <summary>
    /// Makes updates in one transaction, in their order, and returns when they are durable, with their versions set. A
    /// client makes one at a time; several come from a program's own writer thread, which then is the only one.
    /// </summary>
    void Apply(ReadOnlyMemory<Update> updates);
}
