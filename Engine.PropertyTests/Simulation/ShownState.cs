namespace Engine.PropertyTests.Simulation;

/// <summary>A state that somebody has seen: a reader, or whoever was told that it is committed.</summary>
/// <param name="Id">The transaction id that it was seen under.</param>
/// <param name="Digest">What it held.</param>
internal readonly record struct ShownState(ulong Id, ulong Digest);
