namespace Engine.Bench.Peers;

/// <summary>How large a database is.</summary>
/// <param name="FileBytes">Lengths of its files together, lock files left out.</param>
/// <param name="LiveBytes">Pages that the newest snapshot reaches; null where the engine does not tell.</param>
internal readonly record struct PeerSizes(long FileBytes, long? LiveBytes);
