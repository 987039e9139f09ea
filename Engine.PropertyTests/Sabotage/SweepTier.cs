using Engine.PropertyTests.Crash;
using Engine.PropertyTests.Model;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Sabotage;

/// <summary>
/// Every crash state within a small bound of a few programs; of the shortest ones, crashed a second time.
/// </summary>
internal sealed class SweepTier : ITier
{
    private static readonly (string Program, int Depth)[] Programs =
    [
        ("256: ", 2),
        ("256: put 0 1 100; commit", 2),
        ("256: put 0 0 12814; commit", 2),
        ("256: fill 0 0 30 7; commit; fault 1 0; put 0 3 9; commit; put 0 3 25; commit", 1),
        ("256: put 0 1 5; commit; put 0 2 5; commit; put 0 1 7; commit", 1),
        ("256: put 0 1 5; defer; put 0 2 5; defer; flush; put 0 3 5; commit; put 0 4 5; defer; put 0 5 5; commit", 1),
        ("256: fill 0 0 30 7; commit; put 0 1 9; defer; put 0 6 9; commit", 1),
        ("256: put 0 1 5; commit; put 0 2 5; defer", 1),
        ("256: put 0 1 5; during 3; put 0 2 5; commit; put 0 3 5; commit; commit", 1),
        ("256: put 0 1 5; commit; put 0 1 90; during 3; put 0 2 90; defer; put 0 3 90; commit; put 0 1 9; commit", 1),
        ("256: fill 0 0 20 7; commit; range 0 3 12; commit; put 0 1 4110; commit; put 0 1 15; commit", 1),
        ("512: create 1; put 1 1 5; commit; put 1 2 9; rename 1 2; commit; drop 2; commit", 1),
        ("256: fill 0 0 9 7; commit; savepoint; fill 0 0 20 90; rollback; put 0 1 5; savepoint; put 0 2 9; commit", 1),
        ("256: fill 0 0 63 7; commit; truncate 0; commit; put 0 1 5; commit; reopen; put 0 2 5; commit", 1),
        ("256: move 0 3 41; putstored 1 1 5; commit; move 13; putstored 2 3 5; commit; move 31; commit", 1),
    ];

    public string Name => "crash sweep";

    public string Unit => "states";

    public void Run(StateCount count)
    {
        foreach (var (text, depth) in Programs)
        {
            foreach (var rare in depth == 1 ? new[] { false, true } : [false])
            {
                Sweep(
                    Trial.Prepare(OperationProgram.Parse(text), rare),
                    CrashBounds.Small with { AllSubsets = 4, Depth = depth },
                    count);
            }
        }
    }

    private static void Sweep(OperationProgram program, CrashBounds bounds, StateCount count)
    {
        var trace = new DiskTrace();
        var states = ProgramRunner.Record(program, trace).States;
        var judge = new CrashJudge(program, bounds);
        long seen = 0;
        TraceWalk.Visit(new DiskState(), trace, durable: -1, attempted: 0, bounds, (image, durable, attempted, shown) =>
        {
            if (judge.States + judge.StatesOfDepthTwo >= seen)
            {
                _ = count.Next();
            }

            judge.Judge(image, states, durable, attempted, shown);
            seen = judge.States + judge.StatesOfDepthTwo;
        });
    }
}
