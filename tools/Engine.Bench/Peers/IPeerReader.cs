namespace Engine.Bench.Peers;

/// <summary>
/// What one reader thread of a mixed workload holds: a connection, or a handle that is used again. One call per lookup,
/// because each lookup is timed: reading the clock twice costs ten times as much as the call through the interface.
/// </summary>
internal interface IPeerReader : IDisposable
{
    /// <summary>
    /// Looks a key up in a read transaction of its own, begun and ended the fastest way the engine has.
    /// </summary>
    /// <returns>Whether the key is there, with a value that is whole.</returns>
    bool Get(ReadOnlySpan<byte> key);
}
