namespace Engine.Testing.Tests.Programs;

/// <summary>A mistake that programs above a database make.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Program">The program that makes it.</param>
/// <param name="Check">What must hold.</param>
/// <param name="NeedsFailure">Whether only a failing call brings it to light.</param>
public sealed record UserBug(
    string Name, Action<Database, CrashRun> Program, Action<Database, Crash> Check, bool NeedsFailure = false)
{
    /// <summary>The ones that the kit has to find.</summary>
    public static IReadOnlyList<UserBug> All { get; } =
    [
        new("ConfirmedBeforeTheCommit", ConfirmBeforeTheCommit, Ledger.Check),
        new("DeferredCommitTakenForDurable", ConfirmDeferred, Ledger.Check),
        new("TwoTransactionsForTwoAccounts", TransferInTwo, CheckSum),
        new("IndexInATransactionOfItsOwn", IndexLater, CheckIndex),
        new("MarkedAsDoneBeforeItIsDone", MarkBeforeDoing, CheckDone),
        new("DoneTwiceWithoutAMark", DoWithoutAMark, CheckDoneOnce),
        new("FlushForgottenAfterTheLastDeferredCommit", FlushTooSoon, Ledger.Check),
        new("FailureSwallowedAndConfirmed", ConfirmInFinally, Ledger.Check, NeedsFailure: true),
        new("GoesOnWithWhatTheDatabaseNeverGot", CountInMemory, CheckCounter, NeedsFailure: true),
    ];

    public override string ToString() => Name;

    private static void ConfirmBeforeTheCommit(Database database, CrashRun run)
    {
        for (var number = 1; number <= Ledger.Entries; number++)
        {
            using var transaction = database.BeginWrite();
            Ledger.Put(transaction, number);
            run.Acknowledge(number);
            transaction.Commit();
        }
    }

    private static void ConfirmDeferred(Database database, CrashRun run)
    {
        for (var number = 1; number <= Ledger.Entries; number++)
        {
            database.Write(transaction => Ledger.Put(transaction, number), CommitMode.Deferred);
            run.Acknowledge(number);
        }
    }

    private static void FlushTooSoon(Database database, CrashRun run)
    {
        database.Write(transaction => Ledger.Put(transaction, 1), CommitMode.Deferred);
        database.Flush();
        database.Write(transaction => Ledger.Put(transaction, 2), CommitMode.Deferred);
        run.Acknowledge(1);
        run.Acknowledge(2);
    }

    private static void TransferInTwo(Database database, CrashRun run)
    {
        database.Write(transaction =>
        {
            transaction.Main.Put("a"u8, [10]);
            transaction.Main.Put("b"u8, [0]);
        });
        database.Write(transaction => transaction.Main.Put("a"u8, [7]));
        database.Write(transaction => transaction.Main.Put("b"u8, [3]));
    }

    private static void CheckSum(Database database, Crash crash)
    {
        using var read = database.BeginRead();
        if (read.Main.TryGet("a"u8, out var a) && read.Main.TryGet("b"u8, out var b))
        {
            InvariantException.Require(a[0] + b[0] == 10, $"{a[0]} and {b[0]} are not 10");
        }
    }

    private static void IndexLater(Database database, CrashRun run)
    {
        database.Write(transaction => transaction.Main.Put("order"u8, "ada"u8));
        database.Write(transaction => transaction.Main.Put("ada"u8, "order"u8));
    }

    private static void CheckIndex(Database database, Crash crash)
    {
        using var read = database.BeginRead();
        InvariantException.Require(
            read.Main.ContainsKey("order"u8) == read.Main.ContainsKey("ada"u8), "an entry without its index");
    }

    private static void MarkBeforeDoing(Database database, CrashRun run)
    {
        database.Write(transaction => transaction.Main.Put("job"u8, "open"u8));
        database.Write(transaction => transaction.Main.Put("job"u8, "done"u8));
        run.Acknowledge("done");
    }

    private static void CheckDone(Database database, Crash crash)
    {
        var isMarked = database.Read(read => read.Main.TryGet("job"u8, out var value) && value.SequenceEqual("done"u8));
        InvariantException.Require(!isMarked || crash.Acknowledged<string>().Count == 1, "marked, and never done");
    }

    private static void DoWithoutAMark(Database database, CrashRun run)
    {
        database.Write(transaction => transaction.Main.Put("job"u8, "open"u8));
        run.Acknowledge("done");
        database.Write(transaction => transaction.Main.Delete("job"u8));
    }

    // What the service does when it starts again, for a world that cannot bear it twice.
    private static void CheckDoneOnce(Database database, Crash crash)
    {
        var isOpen = database.Read(static read => read.Main.ContainsKey("job"u8));
        InvariantException.Require(crash.Acknowledged<string>().Count + (isOpen ? 1 : 0) <= 1, "done twice");
    }

    private static void ConfirmInFinally(Database database, CrashRun run)
    {
        for (var number = 1; number <= Ledger.Entries; number++)
        {
            try
            {
                database.Write(transaction => Ledger.Put(transaction, number));
            }
            catch (DatabaseException)
            {
                // It will have been nothing.
            }

            run.Acknowledge(number);
        }
    }

    private static void CountInMemory(Database database, CrashRun run)
    {
        var counter = 0;
        for (var i = 0; i < 3; i++)
        {
            counter++;
            try
            {
                database.Write(transaction => transaction.Main.Put("counter"u8, [(byte)counter]));
                run.Acknowledge(counter);
            }
            catch (DatabaseException)
            {
                database = run.Reopen();
            }
        }
    }

    private static void CheckCounter(Database database, Crash crash)
    {
        var confirmed = crash.Acknowledged<int>();
        for (var i = 0; i < confirmed.Count; i++)
        {
            InvariantException.Require(confirmed[i] == i + 1, $"number {i + 1} was never given, {confirmed[i]} was");
        }
    }
}
