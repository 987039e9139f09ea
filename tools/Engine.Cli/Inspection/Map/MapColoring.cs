namespace Engine.Cli.Inspection.Map;

/// <summary>What the letters and colours of the map stand for.</summary>
internal enum MapColoring
{
    Kind,
    Age,
    Fill,

    /// <summary>How many named snapshots have a page.</summary>
    Snapshots,

    /// <summary>In which of two states it is.</summary>
    Changes,
}
