namespace Engine.Testing.Simulation;

/// <summary>A sector write that waits for a flush and changes something.</summary>
/// <param name="Number">Its number in a <see cref="CrashPlan"/>.</param>
/// <param name="Offset">Where in the file it lies.</param>
internal readonly record struct PendingSector(int Number, int Offset);
