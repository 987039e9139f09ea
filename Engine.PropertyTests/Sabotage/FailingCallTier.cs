using Engine.PropertyTests.Model;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Sabotage;

/// <summary>
/// Every storage call of some commits fails once in each way; then the program goes on, the power goes with nothing
/// kept that was not flushed, and the program goes on again.
/// </summary>
internal sealed class FailingCallTier : ITier
{
    private const int Kinds = 5;

    private static readonly (string Before, string During, int Calls)[] Programs =
    [
        ("256: ", "put 0 1 100; commit", 8),
        ("256: put 0 1 100; commit", "put 0 2 5; commit", 8),
        ("256: fill 0 0 30 7; commit", "fill 0 5 12 99; commit; put 0 7 12; commit", 14),
        ("256: put 0 1 5; defer; put 0 2 5; defer", "flush; put 0 3 5; commit", 10),
        (
            "256: fill 0 0 40 7; commit; open; range 0 3 20; commit",
            "put 0 9 4110; commit; close 0; put 0 9 3; commit",
            14),
        ("256: create 1; fill 1 0 10 7; commit", "put 1 3 4; put 0 3 4; defer; put 1 3 5; commit", 12),
        ("256: fill 0 0 12 7; commit", "put 0 1 90; during 2; put 0 2 90; commit; during 1; commit; commit", 10),
        (
            "256: fill 0 0 12 7; commit",
            "put 0 1 140; during 6; put 0 2 180; commit; put 0 3 220; defer; during 2; put 0 4 260; commit; "
            + "put 0 5 300; commit; put 0 6 340; commit",
            16),

        // A group that is sealed while a commit is under way: the calls of both, and of one on top of them.
        (
            "256+: fill 0 0 12 7; commit",
            "put 0 1 90; during 2; put 0 2 90; commit; commit; commit; put 0 3 9; commit",
            16),
        (
            "256+: fill 0 0 30 7; commit",
            "fill 0 0 30 99; during 3; fill 0 0 30 5; commit; put 0 3 9; commit; commit",
            16),
        (
            "256+: create 1; fill 1 0 12 7; commit",
            "put 0 1 111; during 4; put 1 2 131; commit; put 1 3 127; put 0 4 9; put 0 5 9; commit; "
            + "put 0 3 147; commit",
            10),
        (
            "256!+: fill 0 0 63 7; commit; fill 0 3 40 99; commit",
            "put 0 1 9; put 0 20 9; put 0 40 9; put 0 60 9; during 1; put 0 30 90; commit; commit; put 0 50 9; commit",
            14),
    ];

    public string Name => "failing calls";

    public string Unit => "programs";

    public void Run(StateCount count)
    {
        foreach (var (before, during, calls) in Programs)
        {
            for (var call = 0; call < calls; call++)
            {
                for (var kind = 0; kind < Kinds; kind++)
                {
                    if (!count.Next())
                    {
                        continue;
                    }

                    // Blocks that stay unwritten are what dropping the cache is for; all else must be mended without.
                    Trial.KeepCache(kind != (int)FaultKind.Unwritten);
                    var fault = $"fault {call} {kind} {(call * 7) + kind}";
                    var program = OperationProgram.Parse(
                        $"{before}; {fault}; {during}; flush; crash 0 1; {during}; put 0 11 9; commit");
                    ProgramRunner.Run(Trial.Prepare(program, rare: (call + kind) % 2 == 1));
                }
            }
        }
    }
}
