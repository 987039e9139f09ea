namespace Engine.Tests.Storage;

/// <summary>What a test's lock file is made of.</summary>
public enum LockFileKind
{
    InMemory,
    InMemoryWithoutByteLocks,
    OnDisk,
}
