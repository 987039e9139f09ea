namespace Engine;

/// <summary>What the copying of a database is at.</summary>
public enum CopyStage
{
    /// <summary>It copies pages, or, if it compacts, entries.</summary>
    Copying,

    /// <summary>It checks the pages of the copy.</summary>
    Checking,
}
