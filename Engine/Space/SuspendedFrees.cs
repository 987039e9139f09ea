namespace Engine.Space;

/// <summary>What a transaction has given up, from each of its savepoints to the next.</summary>
internal readonly record struct SuspendedFrees(List<PendingExtent>[] Segments);
