using System.Diagnostics;

namespace Engine.Bench.Peers.Lmdb;

/// <summary>
/// Times mdb_version, which does nothing but return an address. The loop and that function's own instructions are
/// counted as call cost, so what is subtracted from LMDB's times is rather too much than too little.
/// </summary>
internal static unsafe class LmdbCallCost
{
    // Rounds of some fifty microseconds: on a busy machine some of them still run undisturbed.
    private const int Calls = 10_000;
    private const int Rounds = 1_000;

    public static CallCost Measure()
    {
        // Enough calls of both loops for optimised code, with a pause in which the runtime makes it.
        for (int i = 0; i < 100; i++)
        {
            LoopHot(1000);
            LoopFull(1000);
            if (i % 33 == 0)
            {
                Thread.Sleep(150);
            }
        }

        return new CallCost(Fastest(LoopHot), Fastest(LoopFull));
    }

    // Other work only ever adds to a round, so the fastest one is the truest.
    private static double Fastest(Action<int> loop)
    {
        double best = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            loop(Calls);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / Calls);
        }

        return best;
    }

    private static void LoopHot(int calls)
    {
        for (int i = 0; i < calls; i++)
        {
            LmdbNative.VersionHot(null, null, null);
        }
    }

    private static void LoopFull(int calls)
    {
        for (int i = 0; i < calls; i++)
        {
            LmdbNative.Version(null, null, null);
        }
    }
}
