namespace Engine.Cli.Inspection.Map;

/// <summary>In which of two states a page is.</summary>
internal enum PageChange
{
    Neither,

    /// <summary>In both.</summary>
    Kept,

    /// <summary>In the newer one only.</summary>
    New,

    /// <summary>In the older one only.</summary>
    Gone,
}
