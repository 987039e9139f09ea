namespace Engine.Extensions.Nats.Following;

/// <summary>Another node has become the primary, and this one has commits that were not published.</summary>
internal sealed class DivergedException()
    : ReplicaException("Another node has become the primary, and this one has commits that were not published.");
