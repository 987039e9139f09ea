using Engine.Pages;
using Engine.Testing.Simulation;

namespace Engine.Testing.Running;

/// <summary>
/// The states of the disk that have been checked in one run, each with how much had been acknowledged then.
/// </summary>
internal sealed class SeenStates
{
    private readonly HashSet<(ulong Hash, int Length, LockRecord Lock, bool IsKill, int Facts)> _seen = [];

    /// <summary>How many there are.</summary>
    public int Count => _seen.Count;

    /// <summary>Remembers one; false if it is known.</summary>
    public bool Add(ImageView image, bool isKill, int facts) =>
        _seen.Add((XxHash64.Hash(image.Database), image.Database.Length, image.Lock, isKill, facts));
}
