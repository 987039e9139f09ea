namespace Engine.PropertyTests.Checking;

/// <summary>What a space log comes to.</summary>
public sealed class SpaceLogImage
{
    /// <summary>The free pages.</summary>
    public SortedDictionary<long, FreePage> Free { get; } = [];

    /// <summary>The states that are held by names, and by how many.</summary>
    public SortedDictionary<ulong, int> Named { get; } = [];

    /// <summary>Whether there are entries of named snapshots, be they ended.</summary>
    public bool HasNames { get; set; }
}
