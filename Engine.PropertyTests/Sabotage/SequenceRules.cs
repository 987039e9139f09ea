using Engine.PropertyTests.Model;
using Engine.PropertyTests.Simulation;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Sabotage;

/// <summary>What holds of numbers that are given outside of transactions.</summary>
internal static class SequenceRules
{
    private const int BlockSize = 2;
    private const int Numbers = 7;

    /// <summary>Invariant 18: the power fails at any moment, and no number that was given is given again.</summary>
    public static void RequireReservedNumbersToBeGivenOnce()
    {
        var calls = 0;
        while (GiveUntil(calls))
        {
            calls++;
        }
    }

    /// <summary>Gives numbers until the power fails at a storage call.</summary>
    /// <returns>Whether it failed.</returns>
    private static bool GiveUntil(int calls)
    {
        var disk = new GuardedDisk();
        var database = EngineHost.Open(disk, pageSize: 256);
        database.Write(static tx => tx.Main.Put([1], [1]));
        var numbers = database.GetSequence("numbers").Reserve(BlockSize);
        long last = 0;
        disk.ArmCrash(calls);
        try
        {
            for (var i = 0; i < Numbers; i++)
            {
                last = numbers.Next();
            }
        }
        catch (Exception e) when (disk.IsDead && e is DatabaseException or IOException or SimulatedCrashException)
        {
            // Whoever asked has got none.
        }

        var isDead = disk.IsDead;
        disk.MarkDead();
        try
        {
            database.Dispose();
        }
        catch (Exception e) when (e is DatabaseException or IOException)
        {
            // The process is dead; only its memory is given back.
        }

        disk.PowerCut(CrashPlan.Nothing);
        using var again = EngineHost.Open(disk, pageSize: 256);
        var next = again.Write(again.GetSequence("numbers"), static (tx, sequence) => tx[sequence].Next());
        return next > last
            ? isDead
            : throw new PropertyFailedException($"{last} was given, and after a crash at call {calls} comes {next}");
    }
}
