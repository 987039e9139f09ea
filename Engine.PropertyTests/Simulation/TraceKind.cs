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

    /// <summary>A remark of the harness, without meaning for the disk.</summary>
    Mark,
}
