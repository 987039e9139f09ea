namespace Engine.Testing.Simulation;

/// <summary>One failure to come.</summary>
/// <param name="Calls">How many storage calls succeed before it.</param>
/// <param name="Kind">How the next one fails.</param>
/// <param name="Seed">Decides how much of a short write arrives.</param>
internal readonly record struct Fault(int Calls, FaultKind Kind, ulong Seed = 0);
