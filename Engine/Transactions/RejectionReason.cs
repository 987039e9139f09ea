namespace Engine;

/// <summary>Why an opening did not take what a meta slot holds; see <see cref="RejectedMeta"/>.</summary>
public enum RejectionReason
{
    /// <summary>The checksum is wrong: it was written halfway, or has decayed.</summary>
    WrongChecksum,

    /// <summary>Zeros where a meta must have been.</summary>
    Empty,

    /// <summary>The checksum is right, but the fields are impossible: no engine writes such a meta.</summary>
    Impossible,

    /// <summary>
    /// Pages of its commit are not there as they were written: the commit was cut off by a crash, or a page
    /// has decayed.
    /// </summary>
    PagesMissing,

    /// <summary>A sound meta, but not the one that the last orderly close left in this slot.</summary>
    Outdated,
}
