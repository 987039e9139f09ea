namespace Engine.Cli.Inspection.Map;

/// <summary>What the letters and colours of the map stand for.</summary>
internal enum MapColoring
{
    Kind,
    Age,
    Fill,
}
