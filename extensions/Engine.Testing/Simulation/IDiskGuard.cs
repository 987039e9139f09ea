namespace Engine.Testing.Simulation;

/// <summary>
/// Watches what is written to the database's file of a <see cref="SimulatedDisk"/>, and refuses by an exception what
/// must not be written.
/// </summary>
internal interface IDiskGuard
{
    /// <summary>Begins anew, with what the process sees of the file and what certainly survives of it.</summary>
    void Reset(ReadOnlySpan<byte> cache, ReadOnlySpan<byte> durable);

    /// <summary>A write is to be carried out on what the process sees.</summary>
    void Check(ReadOnlySpan<byte> cache, int offset, ReadOnlySpan<byte> data);

    /// <summary>A new file is to take the name of one that holds this; empty if there is none.</summary>
    void CheckReplacing(ReadOnlySpan<byte> cache);

    /// <summary>A write was carried out.</summary>
    void OnWritten(ReadOnlySpan<byte> cache, int offset, int length);

    /// <summary>What was pending is durable now.</summary>
    void OnFlushed(ReadOnlySpan<byte> cache, ReadOnlySpan<byte> durable);
}
