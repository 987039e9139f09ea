using Engine.PropertyTests.Model;

namespace Engine.PropertyTests.Sabotage;

/// <summary>A few programs without crashes that go everywhere, each with the usual sizes and with small ones.</summary>
internal sealed class ScenarioTier : ITier
{
    private const int Generated = 12;

    private static readonly string[] Programs =
    [
        .. Names,
        "256: put 0 1 100; commit; put 0 2 5; commit; delete 0 1; commit; reopen",
        "256: fill 0 0 63 7; commit; fill 0 64 63 9; commit; sweep 0 0 40; commit; sweep 0 3 9; commit; reopen",
        "256: fill 0 0 63 7; commit; range 0 3 50; commit; range 0 0 20; put 0 5 77; commit; truncate 0; commit; put 0 "
        + "1 5; commit; reopen; put 0 2 5; commit",
        "256: put 0 1 4110; commit; put 0 1 13263; put 0 10 13528; commit; put 0 1 15; commit; delete 0 10; commit; "
        + "reopen",
        "256: create 1; put 1 1 5; commit; put 1 2 9; create 2; fill 2 0 20 3; rename 1 3; commit; put 3 4 5; commit; "
            + "drop 2; commit; reopen; put 3 5 5; commit",
        "256: put 0 5 320; put 0 13 320; put 0 21 320; put 0 29 320; put 0 37 320; put 0 45 320; put 0 53 320; put 0 "
            + "61 320; put 0 69 320; commit; range 0 5 53; commit; put 0 5 9; commit; reopen",
        "256: put 0 1 5; defer; put 0 2 5; defer; flush; put 0 3 5; defer; delete 0 1; defer; put 0 4 5; defer; "
        + "commit; put 0 1 9; commit; reopen",
        "256: fill 0 0 40 7; commit; defer; put 0 1 5; defer; commit; put 0 2 8; abort; put 0 3 8; commit; reopen",
        "256: fill 0 0 40 7; commit; open; fill 0 3 30 70; commit; open; fill 0 0 40 300; commit; close 1; put 0 1 5; "
            + "commit; close 0; put 0 2 5; commit; put 0 3 5; commit",
        "256: fill 0 0 63 7; commit; open; put 0 1 9; defer; open; fill 0 0 20 90; defer; put 0 1 7; flush; put 0 9 9; "
            + "defer; put 0 1 11; defer; flush; close 0; commit; close 0; commit",
        "256: fill 0 0 63 40; abort; fill 0 0 63 40; commit; fill 0 0 63 80; abort; fill 0 0 63 120; commit; put 0 5 "
        + "14; abort; delete 0 5; commit",
        "256: fill 0 0 40 8000; commit; open; delete 0 1; delete 0 7; commit; open; create 1; fill 1 0 63 8000; "
            + "commit; drop 1; commit; put 0 3 5; commit; put 0 3 6; commit; close 0; commit",
        "256: fill 0 0 40 7; commit; settle; open; fill 0 0 40 99; commit; fill 0 3 40 9; commit; settle; put 0 5 9; "
        + "commit; close 0; commit",
        "256/64: fill 0 0 9 7; commit; savepoint; put 0 1 10254; rollback; put 0 2 10254; commit; put 0 1 10254; put 0 "
        + "1 14254; delete 0 2; savepoint; put 0 3 10254; rollback; put 0 4 10254; commit; put 0 5 10254; delete 0 5; "
        + "fill 0 6 9 70; commit; reopen",
        "256!: create 1; put 0 1 10254; put 0 2 5; savepoint; put 1 1 10254; put 1 2 14254; put 1 3 10254; rollback; "
            + "put 0 3 5; commit; put 0 1 14254; put 0 2 10254; put 1 1 10254; put 0 1 10254; savepoint; put 1 2 "
            + "14254; put 1 3 10254; release; put 0 5 10254; delete 0 1; commit; put 0 2 5; commit; reopen",
        .. Groups,
        .. Counts,
        .. Pairs,
        Churn(keys: 40, rounds: 30, everyClosed: 3),
        Churn(keys: 63, rounds: 24, everyClosed: 7),
        Scatter(values: 60, underSnapshots: false),
        Scatter(values: 60, underSnapshots: true),
        .. Enumerable.Range(6, 8).Select(Appends),
    ];

    /// <summary>States that are named before, in and after the commit that makes them, and names that go.</summary>
    private static string[] Names =>
    [
        "256: put 0 1 100; nameown; commit; put 0 1 90; commit; put 0 2 5; commit; put 0 1 7; commit; reopen; put 0 3 "
            + "5; commit; put 0 3 9; commit",
        "256: fill 0 0 20 7; nameown; commit; fill 0 0 20 90; commit; reopen; fill 0 0 20 17; commit; fill 0 0 20 27; "
            + "commit; fill 0 0 20 7; commit",
        "256: fill 0 0 20 7; commit; name; name 1; commit; fill 0 0 20 90; commit; nameagain 0 2; commit; opennamed 2"
            + "; nameheld 0; unname 2; commit; fill 0 0 20 9; commit; unname 1; unname; commit; close; put 0 1 5; "
            + "commit; put 0 1 7; commit; reopen",
        "256: fill 0 0 20 7; nameown; commit; fill 0 0 20 90; commit; unname; defer; fill 0 0 20 9; defer; fill 0 0 20 "
            + "99; defer; fill 0 0 20 19; defer; flush; fill 0 0 20 19; commit",
        "256: put 0 1 5; commit; savepoint; name; nameown 1; rollback; put 0 2 5; commit; name; savepoint; unname; "
            + "rollback; nest; nameown 2; undo; commit; put 0 1 9; commit; reopen",
        "256: fill 0 0 20 7; commit; put 0 1 5; nameown; during 3; put 0 2 7; name 1; commit; put 0 3 5; commit; put 0 "
            + "4 9; commit",
        "256!: take; during; name 2; create 1; add 0 11 4959; commit; commit; during 8 1; put 0 11 7569; during 6; "
            + "take 0 20; during 10; commit; delete 0 7; unname 2 1; put 3 7 4379; decay 6 112081; nameown 0 3; name; "
            + "take 2 34; delete 1 4; settle; take 2 27; take 0 21; commit; take 0 12; commit; defer; unname 2 2; "
            + "commit; nameown 2 1; commit; put 0 1 5; commit",
        NameChurn(rounds: 40),
    ];

    /// <summary>Counted trees, which are counted after each step, and changed in every way in between.</summary>
    private static string[] Counts =>
    [
        "256: create 2; fill 2 0 63 7; commit; fill 2 64 63 9; sweep 2 0 40; commit; range 2 3 50; fill 2 0 63 300; "
            + "range 2 90 9; commit; truncate 2; fill 2 0 20 7; commit; reopen; put 2 2 5; commit",
        "256: create 2; fill 2 0 63 300; fill 2 64 63 300; fill 2 128 63 300; commit; put 2 7 5; put 2 300 9; commit; "
            + "sweep 2 0 63; put 2 5 300; sweep 2 64 63; commit; sweep 2 100 63; sweep 2 0 63; commit; reopen",
        "256: create 2; fill 2 0 63 7; savepoint; fill 2 0 63 300; put 2 5 9; savepoint; sweep 2 0 40; rollback 1; "
            + "range 2 3 50; rollback; fill 2 10 5 9; release; fill 2 64 63 11; commit; rename 2 1; put 1 9 9; commit; "
            + "create 2; create 1; reopen",
        "256/4: create 2; fill 2 0 63 7; fill 2 64 63 300; put 2 3 9; fill 2 0 63 90; commit; fill 2 0 63 9; "
            + "savepoint; fill 2 0 63 200; rollback; put 2 1 9; commit; reopen",
        "256: create 2; fill 2 5 5 304; fill 2 13 5 304; fill 2 0 63 64; commit; put 2 3 9; during 3; put 2 9 9; "
            + "sweep 2 0 9; commit; commit; put 2 5 5; commit",
        "256: create 2; fill 2 0 40 7; savepoint; put 2 70 5; put 2 75 5; rollback; put 2 90 5; savepoint; delete 2 9; "
            + "delete 2 17; put 2 93 5; rollback; put 2 91 5; put 2 99 5; commit; put 2 2 5; commit",
        $"256: create 2; {Join(Enumerable.Range(0, 200).Select(static i => $"put 2 {i * 37 % 480} 172"))}; commit",
        Appending(63),
        Tall(keys: 400),
    ];

    /// <summary>A multi-valued tree, some of whose keys have zero bytes, and some begin like others.</summary>
    private static string[] Pairs =>
    [
        "256: create 3; fill 3 0 63 7; fill 3 4 63 90; fill 3 8 63 9; commit; add 3 5 9; add 3 5 9; delete 3 29; "
            + "delete 3 24; delete 3 31; delete 3 53; commit; range 3 2 9; sweep 3 0 40; put 3 15 8; put 3 23 8; "
            + "commit; reopen",
        "256: create 3; fill 3 12 63 7; fill 3 20 63 90; commit; sweep 3 0 23; sweep 3 5 9; fill 3 5 63 1; "
            + "savepoint; delete 3 5; delete 3 15; sweep 3 15 30; rollback; delete 3 23; commit; rename 3 1; "
            + "put 1 7 7; add 1 7 7; commit; truncate 1; fill 1 3 30 3; commit; reopen; delete 1 3; commit",
    ];

    /// <summary>Numbers that are taken, and everything else undone.</summary>
    private static string[] Sequences =>
    [
        "256: take 0; take 0 3; commit; take 1; savepoint; take 0 1; put 0 1 5; rollback; take 0; savepoint; take 2 4; "
            + "advance 1 30; rollback 1; rollback; take 1; take 2; commit; reopen; take 0; abort; take 0; savepoint; "
            + "take 1; commit; take 0; take 1; take 2; commit",
        "256: savepoint; take 0 2; reset; take 0; rollback; take 0; nest; take 0; take 1; nest; take 1 2; undo; take "
            + "1; undo; take 0; take 1; commit; take 0 4; abort; savepoint; take 1; rollback; take 0; commit; "
            + "reset; take 0; commit; reopen",
        "256: take 0; commit; put 0 2 5; during 11; take 0 2; savepoint; take 0; rollback; take 1; commit; take 0 4; "
            + "abort; savepoint; take 0; rollback; commit; savepoint; during 4; take 0; rollback; take 0; commit; take "
            + "1; rollback; commit; reopen",
        "256/1: fill 0 0 40 7; savepoint; take 0; fill 0 0 40 90; take 1 3; rollback; fill 0 3 30 70; take 0; nest; "
            + "take 0; fill 0 0 40 17; undo; take 0; commit; reopen",
    ];

    /// <summary>Trees and entries that are taken over as they are stored.</summary>
    private static string[] Stored =>
    [
        // A tree with codecs, a counted and a multi-valued one, whose names are exchanged by two and by three.
        "256: move 0 7 425; putstored 0 1 5; putstored 1 1 5; putstored 1 1 7; putstored 2 3 9; putstored 3 3 9; "
            + "commit; move 13; put 1 2 5; put 2 2 5; commit; move 73 0 2; fill 1 0 20 7; commit; deletestored 1 0 1; "
            + "deletestored 1 9; deletestored 2 0 1; deletestored 3 0 1; deletestored 3 500 4; commit; reopen; move "
            + "31; commit; reopen; create 1; put 1 1 5; commit",

        // One whose entries expire, and one with an index.
        "256: move 0 3 28; putstored 1 1 10; putstored 1 1 11; putstored 2 1 10; putstored 2 1 40; fill 1 3 12 4; "
            + "commit; move 13 0 27; deletestored 1 0 1; deletestored 2 0 1; sweep 2 3 5; rename 2 3; drop 1; commit; "
            + "reopen; truncate 3; put 3 1 5; commit; move 25; commit",
        "256: move 0 3 1; put 1 1 5; put 2 1 9; commit; savepoint; move 13 4 1; put 1 2 5; rollback; savepoint; move "
            + "1; create 1; put 1 3 9; rollback; nest; move 73 1; putstored 1 5 9; undo; put 1 4 5; move 3 0 0 1; "
            + "commit; reopen; move 2; commit",
        "256: move 0 1 1; commit; move 1; create 1; put 1 1 5; commit; reopen",

        // To a name that is taken, with other options, without room, a missing one, two to one name; keys that are too
        // long, and trees that are missing.
        "256: create 1; create 2; put 1 1 5; commit; move 3 0 0 1; move 0 1 0 1; move 2 0 7 1; move 0 4 320 1; move "
            + "100 0 0 1; move 24 0 0 1; putstored 1 2 9 15; deletestored 1 2 9 15; putstored 3 1; deletestored 3 1; "
            + "commit; reopen",
        "256: take 0; commit; take 0 3; putstored 4 0 2; savepoint; take 0; take 1; rollback; deletestored 4 0; take "
            + "0; commit; putstored 4 1 90; take 1; savepoint; move 125; take 1; rollback; take 1; commit; move 156; "
            + "commit; move 250 0 0 1; take 1; commit; reopen",
        "256: move 0 3 41; fill 1 0 20 7; fill 2 0 20 9; commit; put 1 2 5; during 8; move 13; putstored 2 3 9; "
            + "commit; move 4 2 8; savepoint; move 31; rollback; commit; put 2 1 5; commit; reopen",
        "256/2: move 0 3 41; fill 1 0 40 90; fill 2 0 40 90; savepoint; move 13; fill 1 3 40 200; fill 2 3 40 200; "
            + "rollback; move 1 0; fill 2 5 40 17; rollback; move 3; fill 2 0 20 9; commit; reopen",
    ];

    /// <summary>Loads, in order and not, cursors that put, and other ranges.</summary>
    private static string[] Writes =>
    [
        "256: load 0 0 40 8; load 0 3 40 2; commit; set 0 5 9 90; prefix 0 7 2; commit; load 0 9 60 3; prefix 0 20 0 "
            + "1; commit; create 3; load 3 1 40 7; load 3 3 63 2; set 3 5 12 30; commit; prefix 3 5 1; prefix 3 3 2 1; "
            + "commit; savepoint; load 0 0 63 6; load 3 2 50 6; rollback; load 0 1 20 5; commit; reopen",
    ];

    // Ascending keys, one at a time, with a look at the ranks after each.
    private static string Appending(int puts) =>
        $"256: create 2; {Join(Enumerable.Range(0, puts).Select(static i => $"put 2 {5 + (8 * i)} 64"))}; commit; "
            + "put 2 509 64; commit";

    // A tree of several levels, whose leaves are taken away from both sides of a branch.
    private static string Tall(int keys) =>
        $"256: create 2; {Join(Enumerable.Range(0, keys / 60).Select(static i => $"fill 2 {60 * i} 59 300; commit"))}; "
            + Join(Enumerable.Range(0, keys / 40).Select(static i => $"sweep 2 {(i * 97) % 400} 30; commit"))
            + "; reopen";

    private static string Join(IEnumerable<string> operations) => string.Join("; ", operations);

    private static readonly string[] Savepoints =
    [
        // Appends, splits, merges, shared leaves and ranges below savepoints, which are rolled back and released.
        "256: fill 0 0 63 7; commit; fill 0 0 20 9; savepoint; fill 0 0 63 300; savepoint; sweep 0 0 40; rollback 1; "
            + "range 0 3 50; rollback; fill 0 10 5 9; release; fill 0 64 63 11; commit; reopen",
        "256: put 0 5 304; put 0 13 304; savepoint; put 0 21 304; put 0 29 16; rollback; put 0 37 304; commit; reopen",
        "256: create 1; put 1 1 5; commit; savepoint; rename 1 2; create 1; put 1 2 9; rollback; put 1 3 7; savepoint; "
            + "drop 1; rollback; create 3; rollback; put 1 4 5; commit; reopen; put 1 5 5; commit",
        "256: put 0 1 4110; put 0 2 13278; savepoint; put 0 1 15; delete 0 2; rollback; put 0 3 4110; delete 0 3; "
            + "commit; put 0 1 5; commit; reopen",
        "256: fill 0 0 63 40; nest; fill 0 0 63 80; nest; truncate 0; undo; fill 0 3 9 7; savepoint; range 0 9 60; "
            + "rollback; merge; nest; fill 0 0 63 12; undo; commit; reopen",
        Shares(rounds: 40),

        // Spilled and rolled back again and again, so that pages are given up below savepoints, and released.
        "256/4: fill 0 0 40 7; savepoint; fill 0 0 40 90; fill 0 0 40 200; rollback; fill 0 3 30 70; savepoint; fill 0 "
            + "0 40 17; put 0 1 13278; savepoint; put 0 1 5; fill 0 64 63 9; rollback 1; put 0 2 9; release 1; fill 0 "
            + "0 63 44; commit; fill 0 0 63 60; commit; reopen",
        "256/4: fill 0 0 63 40; savepoint; savepoint; fill 0 0 63 80; release 1; fill 0 3 20 7; rollback; savepoint; "
            + "fill 0 0 63 9; release; fill 0 0 9 7; release; commit; put 0 1 5; commit; reopen",
    ];

    /// <summary>Transactions that share commits, and such as are open when a commit has landed.</summary>
    private static string[] Groups =>
    [
        "256: put 0 1 5; commit; put 0 2 5; during 5; put 0 3 5; commit; put 0 4 5; commit; put 0 5 5; commit; put 0 6 "
            + "5; commit; reopen",
        "256: fill 0 0 20 7; commit; put 0 2 5; during 9; put 0 3 5; commit; put 0 4 5; delete 0 2; abort; create 1; "
            + "put 1 1 5; rename 1 2; abort; put 0 6 5; defer; commit; put 0 7 5; defer; reopen; put 0 8 5; commit",
        "256: fill 0 0 20 7; commit; put 0 2 5; during 2; put 0 3 5; commit; during 3; put 0 4 5; commit; put 0 5 5; "
            + "defer; commit; open; put 0 2 9; during 2; put 0 5 5; defer; commit; flush; commit; close 0; commit",
        "256: fill 0 0 20 7; commit; put 0 2 5; during 0; commit; commit; put 0 2 6; during 1; commit; defer; commit",
        "256: create 1; fill 1 0 20 7; fill 0 0 20 7; commit; put 0 2 5; during 9; put 0 3 5; create 2; fill 2 0 12 9; "
            + "put 1 1 9; commit; put 0 3 6; rename 2 3; drop 1; fill 0 0 40 99; during 1; put 0 9 9; put 3 1 9; "
            + "commit; put 3 2 9; create 1; put 1 1 5; commit; reopen; put 0 1 9; commit",
        "256: fill 0 0 63 7; commit; put 0 2 95; during 4; fill 0 0 30 99; commit; truncate 0; fill 0 3 9 5; commit; "
            + "abort; put 0 3 5; commit; put 0 4 5; during 4; put 0 5 4110; commit; put 0 5 5; delete 0 3; commit; "
            + "commit; put 0 6 5; commit; open; put 0 7 5; commit; close 0; commit",
        "256/1: fill 0 0 40 7; commit; fill 0 0 40 990; commit; fill 0 0 40 490; during 2; fill 0 0 40 1490; "
            + "fill 0 0 40 790; commit; commit; fill 0 0 40 7; commit",
        GroupChurn(rounds: 40),
    ];

    public string Name => "scenarios";

    public string Unit => "programs";

    public static IEnumerable<OperationProgram> All =>
        Programs.Select(OperationProgram.Parse)
            .Concat(
                Enumerable.Range(1, Generated).Select(
                    static i => ProgramGenerator.Generate((ulong)i, 20 + (5 * i), ProgramProfile.Calm)))
            .Concat(Savepoints.Concat(Sequences).Select(OperationProgram.Parse))
            .Concat(Groups.Select(static text => OperationProgram.Parse(text) with { Boards = true }))
            .Concat(Stored.Concat(Writes).Select(OperationProgram.Parse));

    public void Run(StateCount count)
    {
        foreach (var program in All)
        {
            foreach (var rare in new[] { false, true })
            {
                if (count.Next())
                {
                    ProgramRunner.Run(Trial.Prepare(program, rare));
                }
            }
        }
    }

    // Keys of one prefix in no order, so that leaves are split in the middle and know the prefix; then ascending ones,
    // which share less and less of it.
    private static string Appends(int keys)
    {
        var steps = new List<string>();
        for (var i = 0; i < keys; i++)
        {
            steps.Add($"put 0 {5 + (8 * (i * 5 % keys))} 304");
        }

        steps.AddRange(["commit", "put 0 237 16", "put 0 261 16", "commit", "put 0 269 16", "put 0 6 16", "commit"]);
        return $"256: {string.Join("; ", steps)}; reopen";
    }

    // Puts in no order fill leaves, which share with their neighbours, each time below a savepoint; every second time
    // that is undone.
    private static string Shares(int rounds)
    {
        var steps = new List<string> { "fill 0 0 63 60", "savepoint" };
        for (var i = 0; i < rounds; i++)
        {
            steps.Add("savepoint");
            for (var j = 0; j < 6; j++)
            {
                steps.Add($"put 0 {((i * 6) + j) * 37 % 480} {(16 * 40) + 12}");
            }

            steps.Add(i % 2 == 0 ? "rollback 1" : "delete 0 9");
            steps.Add("release 1");
        }

        return $"256: {string.Join("; ", steps)}; rollback; fill 0 3 40 9; commit; reopen";
    }

    // Much is replaced while snapshots come and go: the space log fills its head again and again, and the file grows
    // and shrinks.
    private static string Churn(int keys, int rounds, int everyClosed)
    {
        var steps = new List<string> { $"fill 0 0 {keys} 7", "commit" };
        for (var i = 0; i < rounds; i++)
        {
            steps.Add($"fill 0 {i * 5 % keys} {3 + (i % 5)} {(i * 37) + 11}");
            steps.Add(i % 4 == 3 ? "defer" : "commit");
            if (i % everyClosed == 1)
            {
                steps.Add("open");
            }

            if (i % everyClosed == 0)
            {
                steps.Add("close 0");
            }

            if (i % 11 == 10)
            {
                steps.Add(i % 2 == 0 ? "truncate 0" : "range 0 2 30");
                steps.Add("commit");
                steps.Add($"fill 0 0 {keys} {i}");
                steps.Add("commit");
            }
        }

        return $"256: {string.Join("; ", steps)}; reopen";
    }

    // Names come and go beside commits, so that the log fills its head, is moved and is condensed.
    private static string NameChurn(int rounds)
    {
        var steps = new List<string> { "fill 0 0 30 7; nameown; commit" };
        for (var i = 0; i < rounds; i++)
        {
            steps.Add($"fill 0 {i * 5 % 30} {2 + (i % 5)} {(i * 37) + 11}; unname {(i + 1) % 3}");
            steps.Add($"{(i % 2 == 0 ? "nameown" : "name")} {(i + 1) % 3}; {(i % 4 == 3 ? "defer" : "commit")}");
        }

        return $"256: {Join(steps)}; reopen; unname; unname 1; unname 2; commit; put 0 1 5; commit; reopen";
    }

    // Each commit has others on top of it, and each third of them leaves a transaction open.
    private static string GroupChurn(int rounds)
    {
        var steps = new List<string> { "fill 0 0 63 7; create 1; fill 1 0 20 9; commit" };
        for (var i = 0; i < rounds; i++)
        {
            var key = i * 5 % 60;
            steps.Add($"fill 0 {key} {3 + (i % 9)} {(i * 37) + 11}; during {(i % 3 == 0 ? 4 : 5)}");
            steps.Add($"fill 0 {key + 2} 5 {(i * 31) + 7}; commit; fill 1 {key} {i % 7} {(i * 17) + 2}");
            steps.Add(i % 2 == 0 ? "abort" : "defer");
            steps.Add($"fill 0 {key} 3 {(i * 29) + 3}; {(i % 3 == 0 ? "delete 1 3" : "commit")}; commit");
            steps.Add(i % 5 == 2 ? "open" : i % 5 == 4 ? "close 0" : "commit");
        }

        return $"256: {string.Join("; ", steps)}; close 0; commit; reopen";
    }

    // Values of a few pages each, then every second one goes: what is free lies scattered, the log does not get shorter
    // by condensing it, and it takes pages.
    private static string Scatter(int values, bool underSnapshots)
    {
        const int ThreePages = (16 * 500) + 14;
        var steps = new List<string>();
        for (var i = 0; i < values; i++)
        {
            steps.Add($"put 0 {i} {ThreePages + (16 * i)}");
        }

        steps.Add("commit");
        for (var i = 0; i < values; i += 2)
        {
            steps.Add($"delete 0 {i}");
            if (i % 10 == 0)
            {
                steps.Add("commit");
                steps.AddRange(underSnapshots ? ["open"] : []);
            }

            if (i % 20 == 10)
            {
                steps.Add("close 0");
            }
        }

        // The log has pages, and is condensed while nothing but a snapshot of an empty tree is open.
        steps.AddRange(underSnapshots ? [] : ["truncate 0", "commit", "open", "put 0 1 5", "commit", "put 0 2 5"]);
        steps.AddRange(["commit", "put 0 1 5", "commit", "close 0", "put 0 3 5", "commit", "truncate 0", "commit"]);
        steps.AddRange(["put 0 1 5", "commit", "close 0", "put 0 3 5", "commit", "close 0"]);
        steps.AddRange(["put 0 1 6", "commit", "put 0 2 6", "commit", "close 0", "put 0 3 6", "commit"]);
        return $"256: {string.Join("; ", steps)}; reopen";
    }
}
