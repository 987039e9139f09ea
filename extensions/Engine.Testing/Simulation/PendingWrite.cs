namespace Engine.Testing.Simulation;

/// <summary>A write that waits for a flush.</summary>
/// <param name="FirstSector">The number of its first sector in a <see cref="CrashPlan"/>.</param>
/// <param name="Sectors">How many sectors it has.</param>
/// <param name="Offset">Where in the file it lies.</param>
/// <param name="Length">How many bytes it has.</param>
internal readonly record struct PendingWrite(int FirstSector, int Sectors, int Offset, int Length);
