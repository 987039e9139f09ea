namespace Engine.PropertyTests.Simulation;

/// <summary>What a power cut left: the database's file and the temporary one of its creation, each of which may be missing.</summary>
internal sealed record DiskImage(byte[]? Database, byte[]? Temporary = null);
