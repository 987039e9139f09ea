using System.Diagnostics;
using Engine.Bench.Data;
using Engine.Bench.Peers;
using Engine.Bench.Workloads;

namespace Engine.Bench.Measuring;

/// <summary>Times one run of a workload.</summary>
internal static class Stopclock
{
    public static Sample Measure(PeerSession session, Workload workload, ulong number, ComparisonSettings settings)
    {
        IPeerDatabase database = session.Database;
        OperationRange range = new(0, workload.Operations(session.Scale));
        WorkloadRun run = new(database, session.Scale, range, number, settings.Batches, settings.Readers);
        SettleHeap();

        CallCount calls = database.Calls;
        IoCount io = IoCount.Now();
        int collections = GC.CollectionCount(0);
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();

        Outcome outcome = workload.Execute(run);

        TimeSpan elapsed = outcome.Elapsed ?? Stopwatch.GetElapsedTime(start);
        cpu = Environment.CpuUsage.TotalTime - cpu;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        collections = GC.CollectionCount(0) - collections;
        io = IoCount.Now() - io;
        return new Sample
        {
            Seconds = elapsed.TotalSeconds,
            CpuSeconds = cpu.TotalSeconds,
            Operations = outcome.Operations,
            Digest = outcome.Digest,
            Calls = database.Calls - calls,
            AllocatedBytes = allocated,
            Collections = collections,
            Io = io,
            Sizes = outcome.Sizes?.AtEnd ?? database.GetSizes(),
            Parked = outcome.Sizes,
            Halfway = outcome.Halfway,
            Latencies = outcome.Latencies,
            Tree = workload.Writes ? session.ReadAll() : null,
        };
    }

    /// <summary>Garbage of one peer must not be collected on the other's time.</summary>
    public static void SettleHeap()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
    }
}
