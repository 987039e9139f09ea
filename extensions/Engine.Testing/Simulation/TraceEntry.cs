namespace Engine.Testing.Simulation;

/// <summary>One entry of a trace.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Temporary">Whether it concerned the file that stood under the temporary name then.</param>
/// <param name="Value">The offset of a write, the new length (at a failed flush: the one the process sees), the number
/// of a lock record or note, or the harness's mark.</param>
/// <param name="Length">Bytes written.</param>
/// <param name="Data">Where the trace keeps them.</param>
/// <param name="Arrived">What a failed flush brought to the disk.</param>
internal readonly record struct TraceEntry(
    TraceKind Kind, bool Temporary, int Value, int Length, int Data, CrashPlan Arrived);
