namespace Engine.Pages;

/// <summary>A point of a <see cref="PageArena"/>.</summary>
/// <param name="Chunk">The chunk that memory comes from; -1 before the first.</param>
/// <param name="Rest">Bytes of it that are left.</param>
/// <param name="Large">How many large pieces there are.</param>
/// <param name="Used">Bytes that were handed out.</param>
internal readonly record struct ArenaMark(int Chunk, long Rest, int Large, long Used);
