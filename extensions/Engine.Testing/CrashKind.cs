namespace Engine.Testing;

/// <summary>How a process ended, as the check of a <see cref="CrashTest"/> sees it.</summary>
public enum CrashKind
{
    /// <summary>The program ran to its end and its database was closed: nothing may be missing.</summary>
    None,

    /// <summary>
    /// The process died. What it had written is there, flushed or not: the system's cache outlives a process.
    /// </summary>
    Kill,

    /// <summary>
    /// The power went. Of what was written since the last flush, any part may be there: deferred commits may be gone.
    /// </summary>
    PowerCut,
}
