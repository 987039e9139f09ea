using Engine.PropertyTests.Simulation;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Crash;

/// <summary>
/// Goes through a trace and stops wherever the most is pending: before each flush and at the end. A cut anywhere else
/// is one of these in which the later writes are lost, and the promises made by then are no stricter.
/// </summary>
internal static class TraceWalk
{
    /// <param name="state">The disk as it was when the trace began; moves to its end.</param>
    /// <param name="trace">The trace.</param>
    /// <param name="durable">The newest state promised when the trace began; −1: not even the file.</param>
    /// <param name="attempted">The newest state possible when the trace began.</param>
    /// <param name="bounds">What is enumerated at each stop.</param>
    /// <param name="visit">Gets every image, with the oldest and the newest state that it may hold.</param>
    /// <param name="from">Stops before this entry are left out: somebody else was there.</param>
    /// <param name="past">What was seen before the trace began.</param>
    public static void Visit(
        DiskState state,
        DiskTrace trace,
        int durable,
        int attempted,
        CrashBounds bounds,
        ImageVisitor visit,
        int from = 0,
        ShownStates? past = null)
    {
        var scratch = new CrashScratch();
        var shown = past is null ? new ShownStates() : new ShownStates(past);
        for (var i = 0; i < trace.Count; i++)
        {
            var entry = trace[i];
            if (i >= from && entry.Kind is TraceKind.Flush or TraceKind.FailedFlush or TraceKind.FlushDirectory)
            {
                VisitHere(state, durable, attempted, shown, bounds, scratch, visit);
            }

            if (entry.Kind == TraceKind.Note)
            {
                shown.Add((ShownState)trace.NoteOf(entry));
            }
            else if (entry.Kind == TraceKind.Mark)
            {
                if (TraceMark.IsDurable(entry))
                {
                    durable = TraceMark.Index(entry);
                }
                else
                {
                    attempted = TraceMark.Index(entry);
                }
            }

            state.Apply(trace, i);
        }

        VisitHere(state, durable, attempted, shown, bounds, scratch, visit);
    }

    private static void VisitHere(
        DiskState state,
        int durable,
        int attempted,
        ShownStates shown,
        CrashBounds bounds,
        CrashScratch scratch,
        ImageVisitor visit)
    {
        foreach (var plan in CrashPlans.Of(state, bounds))
        {
            try
            {
                visit(scratch.Crash(state, plan), durable, attempted, shown);
            }
            catch (Exception e)
            {
                throw new CrashStateException(plan, e);
            }
        }
    }
}
