namespace Engine.Testing.Simulation;

/// <summary>How which call can fail.</summary>
internal static class FaultKinds
{
    private static readonly FaultKind[] OfReads = [FaultKind.InputOutput];
    private static readonly FaultKind[] OfNames = [FaultKind.NoSpace, FaultKind.InputOutput];
    private static readonly FaultKind[] OfWrites =
        [FaultKind.NoSpace, FaultKind.InputOutput, FaultKind.ShortWriteNoSpace, FaultKind.ShortWriteInputOutput];
    private static readonly FaultKind[] OfFlushes =
        [FaultKind.NoSpace, FaultKind.InputOutput, FaultKind.ShortWriteInputOutput, FaultKind.Unwritten];

    /// <summary>Every way in which a call can fail.</summary>
    public static IReadOnlyList<FaultKind> Of(DiskCall call) => call switch
    {
        DiskCall.OpenFile or DiskCall.Read or DiskCall.Map => OfReads,
        DiskCall.Write => OfWrites,
        DiskCall.Flush => OfFlushes,
        _ => OfNames,
    };
}
