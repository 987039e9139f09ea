namespace Engine.Extensions.Hosting;

/// <summary>What can be the matter with a database that works.</summary>
internal enum HealthProblemKind
{
    /// <summary>The disk is nearly full.</summary>
    DiskSpace,

    /// <summary>The system does not say how full the disk is.</summary>
    DiskUnknown,

    /// <summary>The reader table is nearly full.</summary>
    ReaderTable,

    /// <summary>One reader keeps too many pages.</summary>
    PinnedPages,

    /// <summary>Nothing has been sampled for some time: the disk does not answer.</summary>
    NoSample,
}
