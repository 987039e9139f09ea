using Engine.Bench.Workloads;

namespace Engine.Bench.Measuring;

/// <summary>One timed run of a workload on one peer, with what must come before and after it.</summary>
internal static class TimedRun
{
    public static Sample Execute(Workload workload, PeerSession session, int run, ComparisonSettings settings)
    {
        session.Prepare(workload);

        // Each engine finds the cache full of its own tree, the tail of it if there is more, and nothing of the others.
        settings.Memory?.EmptyCache();
        session.ReadAll();
        Sample sample = Stopclock.Measure(session, workload, workload.RunNumber(run), settings);
        session.Finish(workload);
        return sample;
    }
}
