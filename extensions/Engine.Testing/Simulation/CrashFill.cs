namespace Engine.Testing.Simulation;

/// <summary>
/// What a sector holds when the write to it was lost. Only bytes that the write would have changed are affected:
/// writing again what the disk already holds cannot harm it (a media assumption, see docs).
/// </summary>
internal enum CrashFill
{
    /// <summary>What was there before.</summary>
    Old,

    /// <summary>Zeros: a block allocated but never written.</summary>
    Zero,

    /// <summary>Anything.</summary>
    Garbage,

    /// <summary>
    /// What was there some flushes ago: an older version of the page, its checksum right; of a meta also single
    /// sectors.
    /// </summary>
    Stale,

    /// <summary>One of the others for each lost sector, by the seed.</summary>
    Mixed,
}
