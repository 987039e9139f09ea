namespace Engine.Space;

/// <summary>A change of the running transaction.</summary>
internal readonly record struct SpaceChange(SpaceChangeKind Kind, Extent Pages);
