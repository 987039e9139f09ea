namespace Engine.PropertyTests.Simulation;

/// <summary>The kinds of trace entries.</summary>
internal enum TraceKind
{
    Write,
    SetLength,
    Flush,
    FailedFlush,
    CreateTemporary,
    RenameTemporary,
    DeleteTemporary,
    FlushDirectory,

    /// <summary>The lock file says something else from here on.</summary>
    Lock,

    FlushLock,

    /// <summary>The harness saw a state under an id.</summary>
    Shown,

    /// <summary>A remark of the harness, without meaning for the disk.</summary>
    Mark,
}
