using Engine.PropertyTests.Model;

namespace Engine.PropertyTests.Crash;

/// <summary>All programs of up to so many operations of an alphabet, after the same beginning.</summary>
/// <param name="Name">For people.</param>
/// <param name="Beginning">What every program begins with, as text. Committed, closed and opened again before the rest.</param>
/// <param name="Alphabet">The operations.</param>
/// <param name="Length">The longest programs.</param>
/// <param name="TwoCrashes">Programs of up to this length are crashed twice in a row.</param>
/// <param name="Bounds">What is enumerated at each flush.</param>
internal sealed record ProgramSpace(string Name, OperationProgram Beginning, IReadOnlyList<Operation> Alphabet, int Length, int TwoCrashes, CrashBounds Bounds)
{
    // At pages of 256 bytes a leaf holds two values of 90 bytes: the third splits it, and deleting one merges again.
    private const int Large = 1451;
    private const int Overflow = 9614;

    private static readonly string[] Changes =
    [
        $"put 0 1 {Large}", $"put 0 2 {Large}", $"put 0 3 {Large}", $"put 0 1 {Overflow}", "delete 0 1", "delete 0 2", "create 1", "put 1 1 64",
    ];

    private static readonly string[] Steps = ["commit", "defer", "flush", "abort", "open", "close", "reopen"];

    /// <summary>What CI completes.</summary>
    public static IReadOnlyList<ProgramSpace> Small =>
    [
        new("an empty database", Begin(""), Parse([$"put 0 1 {Large}", $"put 0 1 {Overflow}", "delete 0 1", "commit", "defer", "open", "reopen"]), 3, 1, CrashBounds.Small),
        new("a tree of two levels", Begin(TwoLevels), Parse([$"put 0 2 {Overflow}", "delete 0 1", "delete 0 2", "commit"]), 3, 1, CrashBounds.Small),
    ];

    /// <summary>The bound of the proof.</summary>
    public static IReadOnlyList<ProgramSpace> Full =>
    [
        new("an empty database", Begin(""), Parse([.. Changes, .. Steps]), 4, 2, CrashBounds.Full),
        new("a tree of two levels", Begin(TwoLevels), Parse([.. Changes, .. Steps]), 4, 2, CrashBounds.Full),
    ];

    private static string TwoLevels => $"put 0 1 {Large}; put 0 2 {Large}; put 0 3 {Large}; put 0 4 {Overflow}; commit; put 0 4 64; commit";

    /// <summary>How many programs there are, the empty one included.</summary>
    public long Programs
    {
        get
        {
            long sum = 1, ofThisLength = 1;
            for (var i = 0; i < Length; i++)
            {
                ofThisLength *= Alphabet.Count;
                sum += ofThisLength;
            }

            return sum;
        }
    }

    private static OperationProgram Begin(string operations) => OperationProgram.Parse($"256: {operations}");

    private static Operation[] Parse(IEnumerable<string> operations) => [.. operations.Select(Operation.Parse)];
}
