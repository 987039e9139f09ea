namespace Engine.PropertyTests.Campaign;

/// <summary>What a random campaign runs.</summary>
internal enum Profile
{
    /// <summary>Programs without crashes and faults: model, readers, space.</summary>
    Calm,

    /// <summary>Kills and power cuts at any storage call, and more power cuts at every flush.</summary>
    Crashes,

    /// <summary>The same with failing calls.</summary>
    Faults,

    /// <summary>Short programs, each swept through all crash states within the full bound.</summary>
    Sweep,
}
