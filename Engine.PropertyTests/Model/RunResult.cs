namespace Engine.PropertyTests.Model;

/// <summary>What a run came to.</summary>
/// <param name="States">
/// Disk images that a crash left, each recovered by the engine and checked. Those of <see cref="Crash.CrashFan"/> are
/// all different.
/// </param>
/// <param name="StatesOfDepthTwo">The same after a crash during recovery, or in the commit after it.</param>
internal readonly record struct RunResult(long States, long StatesOfDepthTwo)
{
    /// <summary>Storage calls that failed.</summary>
    public int Failures { get; init; }
}
