namespace Engine.Cli.Inspection.Map;

/// <summary>What a page of the map is.</summary>
internal enum PageCategory
{
    Unknown,
    Reserved,
    Branch,
    Leaf,
    Overflow,
    Log,
    Reusable,
    Waiting,
    Damaged,
}
