namespace Engine.Storage;

/// <summary>What can be said about a registered process.</summary>
internal enum ProcessLiveness
{
    /// <summary>The entry is not in use.</summary>
    None,

    /// <summary>The process runs.</summary>
    Alive,

    /// <summary>The process is gone for certain.</summary>
    Dead,

    /// <summary>It cannot be told from here: another pid namespace, or rights are missing. Treated as alive.</summary>
    Unknown,
}
