namespace Engine.Testing.Simulation;

/// <summary>
/// What a power cut left: the database's file and the temporary one of its creation, each of which may be
/// missing, and what the lock file says.
/// </summary>
internal sealed record DiskImage(byte[]? Database, byte[]? Temporary = null, LockRecord Lock = default);
