namespace Engine.Testing.Simulation;

/// <summary>What the engine asks of the storage. Faults and crashes are placed by counting these.</summary>
internal enum DiskCall
{
    OpenFile,
    Read,
    Map,
    Write,
    SetLength,
    Flush,
    CreateTemporary,
    RenameTemporary,
    DeleteTemporary,
    FlushDirectory,
    FlushLock,
}
