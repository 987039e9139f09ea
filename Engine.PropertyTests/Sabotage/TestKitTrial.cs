using Engine.PropertyTests.Simulation;
using Engine.Testing;

namespace Engine.PropertyTests.Sabotage;

/// <summary>
/// What users of Engine.Testing do, against the engine that these tests are bound to. Called as <see cref="Trial"/>.
/// </summary>
internal static class TestKitTrial
{
    private const int Entries = 4;

    /// <inheritdoc cref="SabotagedEngine.RunTestKit"/>
    public static string? Run(int number)
    {
        Trial.Activate(number);
        try
        {
            new CrashTest(Write, Check).EveryPoint();
            return null;
        }
        catch (CrashTestException e)
        {
            return e.Message;
        }
    }

    private static void Write(Database database, CrashRun run)
    {
        for (var entry = 1; entry <= Entries; entry++)
        {
            database.Write(transaction => transaction.Main.Put([(byte)entry], Value(entry)));
            run.Acknowledge(entry);
        }
    }

    private static void Check(Database database, Engine.Testing.Crash crash)
    {
        using var read = database.BeginRead();
        foreach (var entry in crash.Acknowledged<int>())
        {
            if (!read.Main.TryGet([(byte)entry], out var value) || !value.SequenceEqual(Value(entry)))
            {
                throw new InvariantViolationException(1, $"the entry {entry} is lost");
            }
        }
    }

    // Longer than a sector.
    private static byte[] Value(int entry) => [.. Enumerable.Repeat((byte)entry, 700)];
}
