namespace Engine.Testing.Simulation;

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

    /// <summary>The harness took note of something.</summary>
    Note,

    /// <summary>The call that comes next was let fail.</summary>
    Fault,

    /// <summary>A remark of the harness, without meaning for the disk.</summary>
    Mark,
}
