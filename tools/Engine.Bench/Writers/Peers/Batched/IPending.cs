using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers.Batched;

/// <summary>What waits in the queue of a <see cref="BatchWriter"/>.</summary>
internal interface IPending
{
    Update Update { get; }

    /// <summary>Lets the client go on. Does not throw.</summary>
    /// <param name="failure">Why the update was not made; null if it was, and is durable.</param>
    void Complete(Exception? failure);
}
