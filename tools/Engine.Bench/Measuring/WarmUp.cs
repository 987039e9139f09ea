using System.Runtime;
using Engine.Bench.Data;
using Engine.Bench.Peers;
using Engine.Bench.Workloads;

namespace Engine.Bench.Measuring;

/// <summary>
/// Brings the code of every peer to the last JIT tier before anything is timed. A method is optimised after 30 calls
/// and a quiet tenth of a second, twice (first with counters for its profile), by a background thread that a busy
/// machine may starve. So each workload's loop is called in many slices, in rounds, each of which ends when the JIT has
/// been idle for a while, until a round makes it compile nothing more. The tree is small, but deep enough for every
/// kind of page.
/// </summary>
internal static class WarmUp
{
    private const int MinimumRounds = 4;
    private const int MaximumRounds = 12;
    private const int Slices = 40;
    private const long Entries = 20_000;

    /// <summary>
    /// Above 256 KiB the engine writes values when they are put: so large they must be here too, but need not be
    /// larger.
    /// </summary>
    private const int LongestValue = 512 * 1024;
    private const long Bytes = 16L << 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    public static void Run(PeerSession session, ComparisonSettings settings)
    {
        for (int round = 0; round < MaximumRounds; round++)
        {
            long before = JitInfo.GetCompiledMethodCount();
            foreach (Workload workload in settings.Workloads.Where(
                workload => !workload.Whole && session.Peer.Lacks(workload) is null))
            {
                session.Prepare(workload);
                RunSlices(session, workload, (ulong)round, settings.Readers);
                session.ReadAll();
                session.Finish(workload);
            }

            AwaitCompiler();
            if (round + 1 >= MinimumRounds && JitInfo.GetCompiledMethodCount() == before)
            {
                break;
            }
        }
    }

    /// <summary>The scale to warm up at for a comparison at another one.</summary>
    public static Scale ScaleFor(Scale scale)
    {
        int valueLength = Math.Min(scale.ValueLength, LongestValue);
        return scale with
        {
            ValueLength = valueLength,
            Entries = Math.Min(scale.Entries, Math.Min(Entries, Bytes / valueLength)),
            OperationLimit = null,
        };
    }

    private static void RunSlices(PeerSession session, Workload workload, ulong number, int readers)
    {
        long operations = Math.Min(workload.Operations(session.Scale), workload.WarmUpLimit);
        for (int slice = 0; slice < Slices; slice++)
        {
            long start = operations * slice / Slices, end = operations * (slice + 1) / Slices;
            workload.Execute(new WorkloadRun(
                session.Database,
                session.Scale,
                new OperationRange(start, end - start),
                number,
                CommitKind.NoFlush,
                readers));
        }
    }

    private static void AwaitCompiler()
    {
        long compiled;
        TimeSpan waited = TimeSpan.Zero;
        do
        {
            compiled = JitInfo.GetCompiledMethodCount();
            Thread.Sleep(Pause);
            waited += Pause;
        }
        while (JitInfo.GetCompiledMethodCount() != compiled && waited < LongestPause);
    }
}
