using System.Collections.Concurrent;
using Engine.Storage;

namespace Engine.Testing.Simulation;

/// <summary>
/// Lock files in memory for one simulated disk after the other: making one anew would cost more than opening the
/// engine.
/// </summary>
internal static class LockMemories
{
    private static readonly ConcurrentBag<LockMemory> Pool = [];

    /// <summary>One without participants and readers.</summary>
    public static LockMemory Take() => Pool.TryTake(out var memory) ? memory : new LockMemory();

    /// <summary>Gives one back that nobody uses any more.</summary>
    public static void Return(LockMemory memory)
    {
        memory.Reset();
        Pool.Add(memory);
    }
}
