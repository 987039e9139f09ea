namespace Engine.Testing.Simulation;

/// <summary>How a <see cref="SectorSelection"/> chooses.</summary>
internal enum SelectionKind
{
    Mask,
    Prefix,
    AllBut,
    Only,
    Random,
}
