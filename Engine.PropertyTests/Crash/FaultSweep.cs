using Engine.PropertyTests.Model;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Crash;

/// <summary>
/// Lets every storage call of a program fail once in every way in which it can, and goes on: the program runner checks
/// after each what was promised. At every flush and death after it, power cuts are tried as the program's fan says.
/// </summary>
internal static class FaultSweep
{
    /// <summary>The scenarios: what a database does in its life, each with calls of its own kind.</summary>
    public static IReadOnlyList<string> Scenarios { get; } =
    [
        // Creation, one commit, closing.
        "256*2: put 0 1 64; commit",

        // Growth, splits, overflow values.
        "256*2: fill 0 0 40 7; commit; put 0 1 9614; put 0 2 9614; commit; fill 0 64 30 1451; commit",

        // Merges, large frees, the end of the file cut off.
        "256*2: fill 0 0 63 7; commit; range 0 3 40; commit; truncate 0; commit; reopen; put 0 1 5; commit",

        // Deferred commits, made durable by a flush, by a durable commit, by closing.
        "256*2: put 0 1 5; defer; put 0 2 5; defer; flush; put 0 3 5; defer; put 0 4 5; commit; put 0 5 9614; defer",

        // Named trees.
        "512*2: create 1; put 1 1 5; commit; create 2; put 2 1 1451; rename 2 3; commit; drop 1; truncate 3; commit",

        // Readers hold pages while the file grows.
        "256*2: fill 0 0 20 7; commit; open; fill 0 0 20 99; commit; open; delete 0 1; commit; close; close; fill 0 30 "
        + "30 7; commit",

        // Transactions that spill, and values that are written early.
        "256*2/1: fill 0 0 40 7; put 0 1 9614; commit; fill 0 0 40 99; abort; put 0 2 9614; put 0 2 5; commit",

        // A log of several pages, condensed now and then.
        "256*2!: fill 0 0 63 1451; commit; put 0 5 64; commit; put 0 15 64; commit; put 0 25 9614; commit; put 0 35 "
        + "64; commit; put 0 45 64; commit; put 0 55 64; commit",

        // Opening after a kill, and after a power cut that tears the last commit.
        "256*2: put 0 1 5; commit; put 0 2 1451; commit; crash 1 0; put 0 3 5; commit; crash 2 3 1; put 0 4 5; commit",

        // A crash during recovery, then closing and opening in good order.
        "256*2: put 0 1 9614; commit; crash 2 6 5; crash 4 0; put 0 2 5; commit; reopen; delete 0 1; commit; reopen",

        // Three transactions that share a flush, and two that share the one after it.
        "256*2: fill 0 0 12 7; commit; put 0 1 111; during 6; put 0 2 131; commit; put 0 3 147; abort; put 0 4 1451; "
        + "defer; create 1; during 4; put 1 2 131; commit; put 0 4 163; defer; commit; put 0 5 179; commit",

        // One that is sealed while the one before it is flushed, and one that saw it; then one on top of both.
        "256*2+: fill 0 0 12 7; commit; put 0 1 111; during 4; put 0 2 131; commit; commit; put 0 3 1451; commit; "
        + "commit; put 0 4 163; commit",

        // One that is open when the flush is over: the one before it is committed without it, and then it is.
        "256*2: fill 0 0 30 7; commit; put 0 1 111; during 6; put 0 2 131; create 1; put 1 3 1451; commit; put 0 2 "
        + "127; drop 1; put 0 9 9614; commit; put 0 3 147; commit; put 0 4 159; commit",

        // The same, when those before it were to be sealed early, and could not be.
        "256*2+: fill 0 0 30 7; commit; put 0 1 111; during 6; put 0 2 131; create 1; put 1 3 1451; commit; put 0 2 "
        + "127; drop 1; put 0 9 9614; commit; put 0 3 147; commit; put 0 4 159; commit",
    ];

    /// <returns>
    /// How many calls the program makes, how many failures there were, and how many crash states were judged after
    /// them.
    /// </returns>
    /// <exception cref="PropertyFailedException">
    /// A promise was not kept. The message has the program, with the failing call.
    /// </exception>
    public static (int Calls, int Failures, long States) Run(OperationProgram program)
    {
        var calls = new List<DiskCall>();
        ProgramRunner.Run(program, calls: calls);
        var failures = 0;
        var states = 0L;
        for (var call = 0; call < calls.Count; call++)
        {
            foreach (var kind in FaultKinds.Of(calls[call]))
            {
                // The failure is an operation of the program: it can be replayed and shrunk like any other.
                var failing = program with
                {
                    Operations = [new Operation(OperationKind.Fault, call, (int)kind, call), .. program.Operations]
                };
                var result = ProgramRunner.Run(failing);
                states += result.States + result.StatesOfDepthTwo;
                failures += result.Failures;
            }
        }

        return (calls.Count, failures, states);
    }
}
