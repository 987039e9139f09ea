using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Simulation;

/// <summary>A simulated disk that checks invariant 3 on every write.</summary>
internal sealed class GuardedDisk : SimulatedDisk
{
    /// <param name="image">What is on the disk at first; nothing if null.</param>
    public GuardedDisk(DiskImage? image = null)
        : this(image, new ProtectedPages())
    {
    }

    /// <param name="image">What is on the disk at first.</param>
    /// <param name="capacity">The size of the disk: more is ENOSPC.</param>
    public GuardedDisk(ImageView image, int capacity)
        : this(image, capacity, new ProtectedPages())
    {
    }

    private GuardedDisk(DiskImage? image, ProtectedPages protection)
        : base(image, guard: protection) => Protection = protection;

    private GuardedDisk(ImageView image, int capacity, ProtectedPages protection)
        : base(image, capacity, protection) => Protection = protection;

    /// <summary>Which pages must not be written to.</summary>
    public ProtectedPages Protection { get; }
}
