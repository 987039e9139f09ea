namespace Engine.PropertyTests.Model;

/// <summary>Which operations a generated program may have.</summary>
internal enum ProgramProfile
{
    /// <summary>No crashes and no faults.</summary>
    Calm,

    /// <summary>Kills and power cuts at any storage call.</summary>
    Crashes,

    /// <summary>Crashes and failing calls.</summary>
    Faults,
}
