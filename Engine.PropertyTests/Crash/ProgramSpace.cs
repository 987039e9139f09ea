using Engine.PropertyTests.Model;

namespace Engine.PropertyTests.Crash;

/// <summary>All programs of up to so many operations of an alphabet, after the same beginning.</summary>
/// <param name="Name">For people.</param>
/// <param name="Beginning">
/// What every program begins with, as text. Committed, closed and opened again before the rest.
/// </param>
/// <param name="Alphabet">The operations.</param>
/// <param name="Length">The longest programs.</param>
/// <param name="TwoCrashes">Programs of up to this length are crashed twice in a row.</param>
/// <param name="Bounds">What is enumerated at each flush.</param>
internal sealed record ProgramSpace(
    string Name,
    OperationProgram Beginning,
    IReadOnlyList<Operation> Alphabet,
    int Length,
    int TwoCrashes,
    CrashBounds Bounds)
{
    private static readonly string[] Steps = ["commit", "defer", "flush", "abort", "open", "close", "reopen"];

    /// <summary>What CI completes.</summary>
    public static IReadOnlyList<ProgramSpace> Small =>
    [
        new("an empty database", Begin(256, ""), Parse([.. Changes(256), .. Steps]), 3, 2, CrashBounds.Full),
        new(
            "a tree of two levels",
            Begin(256, TwoLevels(256)),
            Parse([.. Changes(256), .. Steps]),
            3,
            1,
            CrashBounds.Full),
        new(
            "run lists in pages of their own",
            Begin(256, TwoLevels(256)) with { IsTight = true },
            Parse([.. Changes(256), .. Steps]),
            2,
            1,
            CrashBounds.Full),
        new(
            "a log of several pages",
            Begin(256, Fragmented) with { IsTight = true },
            Parse([.. Changes(256), .. Steps]),
            2,
            1,
            CrashBounds.Full),
        new(
            "savepoints in transactions that spill",
            Begin(256, TwoLevels(256)) with { Budget = 1 },
            Parse([.. SavepointChanges]),
            2,
            1,
            CrashBounds.Full),
        new(
            "values that are written early",
            Begin(256, "") with { Budget = 64 },
            Parse([.. EarlyChanges]),
            4,
            1,
            CrashBounds.Small),
        new("a tree of pairs", Begin(256, OfPairs), Parse([.. PairChanges, .. Steps]), 2, 1, CrashBounds.Full),
        new("named snapshots", Begin(256, Kept), Parse(NameChanges), 3, 1, CrashBounds.Small),
        new("moved trees", Begin(256, Moved), Parse(MoveChanges), 3, 1, CrashBounds.Small),
        new("a shared commit", Begin(256, ""), Parse([.. Sharing, "during 1"]), 4, 1, CrashBounds.Small),
        new(
            "a shared commit that is sealed early",
            Begin(256, "") with { Boards = true },
            Parse([.. Sharing, "during 1"]),
            4,
            1,
            CrashBounds.Small),
    ];

    /// <summary>The bound of the proof.</summary>
    public static IReadOnlyList<ProgramSpace> Full =>
    [
        new("an empty database", Begin(256, ""), Parse([.. Changes(256), .. Steps]), 4, 4, CrashBounds.Full),
        new(
            "an empty database, pages of 512 bytes",
            Begin(512, ""),
            Parse([.. Changes(512), .. Steps]),
            4,
            2,
            CrashBounds.Full),
        new(
            "a tree of two levels",
            Begin(256, TwoLevels(256)),
            Parse([.. Changes(256), .. Steps]),
            4,
            3,
            CrashBounds.Full),
        new(
            "a tree of two levels, transactions that spill",
            Begin(256, TwoLevels(256)) with { Budget = 1 },
            Parse([.. Changes(256), .. Steps]),
            4,
            2,
            CrashBounds.Full),
        new(
            "run lists in pages of their own",
            Begin(256, TwoLevels(256)) with { IsTight = true },
            Parse([.. Changes(256), .. Steps]),
            4,
            2,
            CrashBounds.Full),
        new(
            "values that are written early",
            Begin(256, "") with { Budget = 64 },
            Parse([.. EarlyChanges, "delete 0 1", "reopen"]),
            6,
            1,
            CrashBounds.Small),
        new("a tree of pairs", Begin(256, OfPairs), Parse([.. PairChanges, .. Steps]), 4, 2, CrashBounds.Full),
        new("named trees", Begin(256, Named), Parse([.. NamedChanges, .. Steps]), 4, 2, CrashBounds.Full),
        new(
            "savepoints in transactions that spill",
            Begin(256, TwoLevels(256)) with { Budget = 1 },
            Parse([.. SavepointChanges]),
            5,
            2,
            CrashBounds.Full),
        new(
            "a log of several pages",
            Begin(256, Fragmented) with { IsTight = true },
            Parse([.. Changes(256), .. Steps]),
            3,
            2,
            CrashBounds.Full),
        new("named snapshots", Begin(256, Kept), Parse(NameChanges), 4, 2, CrashBounds.Full),
        new("moved trees", Begin(256, Moved), Parse(MoveChanges), 4, 2, CrashBounds.Full),
        new(
            "a shared commit that names itself",
            Begin(256, Kept),
            Parse([.. Sharing, "nameown 1", "unname 0", "during 2"]),
            6,
            1,
            CrashBounds.Small),
        new(
            "commits that are sealed early, one on top of the other",
            Begin(256, "") with { Boards = true },
            Parse([.. Sharing, "during 3"]),
            6,
            1,
            CrashBounds.Small),
        new("commits shared by two", Begin(256, ""), Parse([.. Sharing, "during 3"]), 7, 1, CrashBounds.Small),
        new("a shared commit", Begin(256, ""), Parse([.. Sharing, "during 2", "defer"]), 6, 1, CrashBounds.Small),
    ];

    // Little is changed, but what is may be undone before it is committed.
    private static string[] SavepointChanges =>
        [
            $"put 0 3 {Large(256)}", $"put 0 1 {Overflow(256)}", "delete 0 1", "savepoint", "rollback", "release",
            "nest", "undo", "commit", "defer", "reopen"
        ];

    // Large values come and go in transactions that have room for them, also by rolling back.
    private static string[] EarlyChanges =>
        [$"put 0 1 {Overflow(256)}", $"put 0 2 {Overflow(256)}", "savepoint", "rollback", "commit"];

    // What is set aside happens during the flush of a commit that comes later.
    private static string[] Sharing => [$"put 0 1 {Large(256)}", $"put 0 2 {Overflow(256)}", "commit"];

    // Named trees come, get entries, change their names and go; the default tree beside them.
    private static string[] NamedChanges =>
        [
            $"put 1 1 {Large(256)}", $"put 1 2 {Large(256)}", "put 2 1 64", "delete 1 1", "create 1", "create 2",
            "drop 1", "rename 1 2", "truncate 1", "put 0 1 64"
        ];

    // Values of few keys, one of which has a zero byte, in a multi-valued tree that is counted, too: added and deleted
    // one by one, by key, by range, and under a cursor.
    private static string[] PairChanges =>
        [
            "put 3 1 9", "put 3 5 6", "fill 3 5 9 30", "delete 3 5", "delete 3 25", "delete 3 101", "range 3 1 5",
            "sweep 3 0 9", "truncate 3"
        ];

    // States are named in the commit that makes them and later, and names go, while somebody reads them and not.
    private static string[] NameChanges =>
        [
            $"put 0 1 {Large(256)}", "name 1", "nameown 1", "unname 0", "nameagain 0 1", "opennamed 0", "close",
            "commit", "defer", "reopen"
        ];

    // Trees that are there exchange their names, get others, are described otherwise and go; one whose entries expire
    // is made, if its name is free; entries of two of them are written as they are stored.
    private static string[] MoveChanges =>
        [
            "move 13 0 1", "move 4 1 2", "move 2 0 2", "move 1", "move 0 5 260", $"putstored 1 1 {Large(256)}",
            $"putstored 2 2 {Overflow(256)}", "deletestored 1 0 1", "deletestored 2 0 1", "savepoint", "rollback",
            "commit", "defer", "reopen"
        ];

    // What is named has pages that the present has not, one of them with a large value.
    private static string Kept =>
        $"put 0 1 {Large(256)}; put 0 2 {Overflow(256)}; nameown; commit; put 0 1 64; delete 0 2; commit";

    // Both have codecs, and one is counted.
    private static string Moved =>
        $"move 0 3 41; put 1 1 {Large(256)}; put 1 3 {Large(256)}; put 2 1 64; put 2 3 {Overflow(256)}; commit";

    private static string OfPairs => "create 3; fill 3 1 7 6; fill 3 5 12 6; commit";

    private static string Named =>
        $"create 1; put 1 1 {Large(256)}; put 1 3 {Large(256)}; create 3; put 3 1 64; commit";

    // Many frees that do not join: every other key of a larger tree is rewritten or deleted, one commit each.
    private static string Fragmented => string.Join(
        "; ",
        Enumerable.Range(0, 3)
            .Select(i => $"fill 0 {i * 64} 63 {Large(256)}; commit")
            .Concat(Enumerable.Range(0, 47).Select(i => $"put 0 {i * 5} {(i % 3 == 0 ? Overflow(256) : 64)}; commit")));

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

    // A leaf holds two large values: the third splits it, and deleting one merges again. The numbers stand for lengths,
    // see KeySpace.
    private static int Large(int pageSize) => (16 * (pageSize * 7 / 20)) + 11;

    private static int Overflow(int pageSize) => (16 * (pageSize * 5 / 2)) + 14;

    private static string[] Changes(int pageSize) =>
    [
        $"put 0 1 {Large(pageSize)}",
        $"put 0 2 {Large(pageSize)}",
        $"put 0 3 {Large(pageSize)}",
        $"put 0 1 {Overflow(pageSize)}",
        "delete 0 1", "delete 0 2", "range 0 1 3", "truncate 0", "fill 0 8 5 64", "create 1", "put 1 1 64", "drop 1",
    ];

    private static string TwoLevels(int pageSize) =>
        $"put 0 1 {Large(pageSize)}; put 0 2 {Large(pageSize)}; put 0 3 {Large(pageSize)}; put 0 4 "
        + $"{Overflow(pageSize)}; commit; put 0 4 64; commit";

    private static OperationProgram Begin(int pageSize, string operations) =>
        OperationProgram.Parse($"{pageSize}: {operations}");

    private static Operation[] Parse(IEnumerable<string> operations) => [.. operations.Select(Operation.Parse)];
}
