using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Crash;

/// <summary>What the harness writes into a trace: which states a cut at this place may show.</summary>
internal static class TraceMark
{
    /// <summary>From here on the file may hold the state with this index.</summary>
    public static void Attempted(DiskTrace? trace, int index) => trace?.Add(TraceKind.Mark, value: index << 1);

    /// <summary>From here on the file holds this state or a newer one. Index 0 says that the database exists.</summary>
    public static void Durable(DiskTrace? trace, int index) => trace?.Add(TraceKind.Mark, value: (index << 1) | 1);

    public static bool IsDurable(TraceEntry mark) => (mark.Value & 1) != 0;

    public static int Index(TraceEntry mark) => mark.Value >> 1;
}
