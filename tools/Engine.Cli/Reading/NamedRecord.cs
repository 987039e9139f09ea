using Engine.Integrity;

namespace Engine.Cli.Reading;

/// <summary>A tree that a catalog names.</summary>
/// <param name="Name">The name; empty for the default tree.</param>
/// <param name="Record">Where it is.</param>
internal sealed record NamedRecord(string Name, TreeRecord Record)
{
    public string DisplayName => Shared.TreeNames.Label(Name);
}
