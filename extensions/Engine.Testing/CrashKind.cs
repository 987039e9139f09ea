namespace Engine.Testing;

/// <summary>How a process ended, as the check of a <see cref="CrashTest"/> sees it.</summary>
public enum CrashKind
{
    /// <summary>The program ran to its end and its database was closed: nothing may be missing.</summary>
    None,

    /// <summary>
    /// The process died. What it had written is there, flushed or not: the system's cache outlives a process. Deferred
    /// commits may be gone all the same, because the file shows them as commits only once they are flushed.
    /// </summary>
    Kill,

    /// <summary>
    /// The power went. Of what was written since the last flush, any part may be there.
    /// </summary>
    PowerCut,
}
