using System.Diagnostics;
using System.Globalization;
using System.Text;
using Engine.Testing.Simulation;

namespace Engine.Testing.Running;

/// <summary>What a failure says.</summary>
internal static class Explanation
{
    private const int ShownFacts = 5, ShownWrites = 12, ShownFrames = 6;

    /// <summary>The line to paste.</summary>
    public static string ReplayLine(CrashPoint point) =>
        $"{Environment.NewLine}  replay:  test.Replay(\"{point}\");";

    /// <summary>Where the program was, what it had acknowledged, and what is lost.</summary>
    /// <param name="recording">What it did.</param>
    /// <param name="point">The crash.</param>
    /// <param name="state">The disk at that moment.</param>
    /// <param name="facts">What had been acknowledged.</param>
    /// <param name="stack">What it was doing when the call failed, or else when it died.</param>
    public static string Of(
        Recording recording,
        CrashPoint point,
        DiskState state,
        IReadOnlyList<object> facts,
        IReadOnlyList<string> stack)
    {
        var text = new StringBuilder();
        void Line(string title, string content) =>
            text.Append(Environment.NewLine).Append("  ").Append(title.PadRight(9)).Append(content);

        void AddFrames()
        {
            foreach (var frame in stack.Take(ShownFrames))
            {
                Line("", frame);
            }
        }

        if (point.Fault is { } fault && recording.HasFailed)
        {
            Line("failed:", $"storage call {fault.Calls}, {recording.Calls[fault.Calls]}: {NameOf(fault.Kind)}");
            AddFrames();
        }

        Line("crash:", point.Kind switch
        {
            CrashKind.None => "none; the program ran to its end and its database was closed",
            CrashKind.Kill => "the process was killed; what it wrote is there",
            _ => "the power went",
        });
        Line("moment:", $"{point.Moment} of {recording.Moments - 1}, {Place(recording, point.Moment)}");
        if (point.Fault is null)
        {
            AddFrames();
        }

        Line("told:", Facts(facts));
        if (point.Kind == CrashKind.PowerCut)
        {
            AddLosses(state, point.Plan, Line);
        }

        return text.Append(ReplayLine(point)).ToString();
    }

    /// <summary>The frames of the user's own code.</summary>
    public static List<string> FramesOf(StackTrace stack)
    {
        var frames = new List<string>();
        foreach (var frame in stack.GetFrames())
        {
            if (DiagnosticMethodInfo.Create(frame) is not { } method
                || IsOurs(method.DeclaringAssemblyName) || method.DeclaringTypeName is null)
            {
                continue;
            }

            var file = Path.GetFileName(frame.GetFileName());
            frames.Add(
                $"at {method.DeclaringTypeName}.{method.Name}"
                + (file is null ? "" : $", {file}:{frame.GetFileLineNumber().ToString(CultureInfo.InvariantCulture)}"));
        }

        return frames;
    }

    private static bool IsOurs(string? assembly) =>
        assembly is not null
        && (assembly.StartsWith("Engine,", StringComparison.Ordinal)
            || assembly.StartsWith("Engine.Testing,", StringComparison.Ordinal)
            || assembly.StartsWith("System.", StringComparison.Ordinal));

    private static string Place(Recording recording, int moment) => recording.Next(moment) switch
    {
        null => "after the database was closed",
        { Kind: TraceKind.Write } write =>
            string.Create(CultureInfo.InvariantCulture, $"before a write of {write.Length} bytes at {write.Value}"),
        { Kind: TraceKind.SetLength } length =>
            string.Create(CultureInfo.InvariantCulture, $"before the file becomes {length.Value} bytes long"),
        { Kind: TraceKind.Flush } => "before a flush",
        { Kind: TraceKind.FailedFlush } => "before the flush that fails",
        { Kind: TraceKind.FlushLock } => "before a flush of the lock file",
        { Kind: TraceKind.Note } note => $"before this was acknowledged: {recording.NoteOf(note)}",
        { } other => $"before {other.Kind}",
    };

    private static string Facts(IReadOnlyList<object> facts) => facts.Count switch
    {
        0 => "nothing was acknowledged",
        <= ShownFacts => string.Join(", ", facts),
        _ => $"… {string.Join(", ", facts.TakeLast(ShownFacts))} ({facts.Count} in all)",
    };

    private static string NameOf(FaultKind kind) => kind switch
    {
        FaultKind.NoSpace => "the disk is full",
        FaultKind.ShortWriteNoSpace => "the disk is full, after a part",
        FaultKind.ShortWriteInputOutput => "an input/output error, after a part",
        FaultKind.Unwritten => "an input/output error, and what was lost stays unwritten",
        _ => "an input/output error",
    };

    private static void AddLosses(DiskState state, CrashPlan plan, Action<string, string> line)
    {
        var writes = state.FindWrites();
        if (writes.Count == 0)
        {
            line("lost:", "nothing had been written since the last flush");
            return;
        }

        line("", string.Create(CultureInfo.InvariantCulture, $"{writes.Count} writes since the last flush:"));
        foreach (var write in writes.Take(ShownWrites))
        {
            line("", string.Create(
                CultureInfo.InvariantCulture, $"{write.Length} bytes at {write.Offset}: {Fate(write, plan)}"));
        }

        if (writes.Count > ShownWrites)
        {
            line("", "…");
        }
    }

    private static string Fate(PendingWrite write, CrashPlan plan)
    {
        var kept = 0;
        for (var i = 0; i < write.Sectors; i++)
        {
            kept += plan.Keep.Keeps(write.FirstSector + i) ? 1 : 0;
        }

        var isTorn = plan.TearSector >= write.FirstSector && plan.TearSector < write.FirstSector + write.Sectors
            && plan.Keep.Keeps(plan.TearSector);
        return kept == 0 ? "lost"
            : kept == write.Sectors && !isTorn ? "arrived"
            : string.Create(CultureInfo.InvariantCulture, $"torn, {kept} of {write.Sectors} sectors arrived");
    }
}
