using Engine.Testing.Tests.Programs;

namespace Engine.Testing.Tests;

public class CrashTestTests
{
    [Test]
    public void EverySweep_OfACorrectProgram_Passes()
    {
        var test = new CrashTest(Ledger.Run, Ledger.Check);
        var points = test.EveryPoint();
        TestContext.Out.WriteLine(points);
        Assert.That(points.Runs, Is.EqualTo(1));
        Assert.That(points.Moments, Is.GreaterThan(4 * Ledger.Entries));
        Assert.That(points.States, Is.GreaterThan(points.Moments));
        var failures = test.EveryFailure();
        TestContext.Out.WriteLine(failures);
        Assert.That(failures.FailedCalls, Is.GreaterThan(4 * Ledger.Entries));
        Assert.That(failures.Runs, Is.GreaterThanOrEqualTo(failures.FailedCalls));
        var random = test.AtRandom(200, seed: 1);
        TestContext.Out.WriteLine(random);
        Assert.That(random.Moments, Is.EqualTo(200));
        Assert.That(random.FailedCalls, Is.GreaterThan(0));
    }

    [Test]
    public void EveryPoint_OfDeferredCommits_ShowsEachNumberOfThem()
    {
        var afterPower = new HashSet<int>();
        var afterKill = new HashSet<(int Confirmed, int Found)>();
        new CrashTest(
            (database, run) =>
            {
                for (var number = 1; number <= 3; number++)
                {
                    database.Write(transaction => Ledger.Put(transaction, number), CommitMode.Deferred);
                    run.Acknowledge(number);
                }
            },
            (database, crash) =>
            {
                var found = Enumerable.Range(1, 3).Count(number => Ledger.Has(database, number));
                InvariantException.Require(found == 0 || Ledger.Has(database, found), "a later one without an earlier");
                if (crash.Kind == CrashKind.PowerCut)
                {
                    afterPower.Add(found);
                }
                else
                {
                    afterKill.Add((crash.Acknowledged<int>().Count, found));
                }
            }).EveryPoint();
        Assert.That(afterPower, Does.Contain(0).And.Contain(3));
        Assert.That(afterKill, Has.All.Matches<(int Confirmed, int Found)>(static state => state.Found >= state.Confirmed));
        Assert.That(afterKill.Select(static state => state.Found), Does.Contain(1).And.Contain(2).And.Contain(3));
    }

    [Test]
    public void Arrange_IsThereAfterEveryCrash_AndIsNoPartOfTheProgram()
    {
        var arranged = 0;
        var report = new CrashTest(
            Ledger.Run,
            static (database, crash) =>
                InvariantException.Require(Ledger.Has(database, 99), "what was arranged is lost"))
        {
            Arrange = database =>
            {
                arranged++;
                database.Write(static transaction => Ledger.Put(transaction, 99));
            },
        }.EveryPoint();
        Assert.That(arranged, Is.EqualTo(1));
        Assert.That(report.States, Is.GreaterThan(20));
    }

    [Test]
    public void Reopen_IsCrashedToo()
    {
        static void Program(Database database, CrashRun run)
        {
            database.Write(static transaction => Ledger.Put(transaction, 1), CommitMode.Deferred);
            database = run.Reopen();
            Assert.That(run.Database, Is.SameAs(database));
            run.Acknowledge(1);
            database.Write(static transaction => Ledger.Put(transaction, 2));
            run.Acknowledge(2);
        }

        var test = new CrashTest(Program, Ledger.Check);
        Assert.That(test.EveryPoint().Moments, Is.GreaterThan(10));
        Assert.That(test.EveryFailure().FailedCalls, Is.GreaterThan(10));
    }

    [Test]
    public void Check_MayWriteToTheDatabase()
    {
        var report = new CrashTest(
            Ledger.Run,
            static (database, crash) =>
            {
                database.Write(static transaction => Ledger.Put(transaction, 50));
                Ledger.Check(database, crash);
                InvariantException.Require(Ledger.Has(database, 50) && !crash.HasFailedCall, "it is writable");
            }).EveryPoint();
        Assert.That(report.States, Is.GreaterThan(20));
    }

    [Test]
    public void Options_AreThoseOfTheDatabase()
    {
        var sizes = new HashSet<int>();
        new CrashTest(
            (database, run) =>
            {
                sizes.Add(database.PageSize);
                Ledger.Run(database, run);
            },
            (database, _) => sizes.Add(database.PageSize))
        {
            Options = new DatabaseOptions { PageSize = 8192, FlushInterval = TimeSpan.FromSeconds(2) },
        }.AtRandom(16, seed: 3);
        Assert.That(sizes, Is.EquivalentTo(new[] { 8192 }));
    }

    [Test]
    public void AtRandom_GivesTheProgramOtherNumbersInEachRun_AndTheLineGivesThemBack()
    {
        var seen = new HashSet<int>();
        var test = new CrashTest(
            (database, run) =>
            {
                var number = run.Random.Next(1000);
                seen.Add(number);
                database.Write(transaction => transaction.Main.Put("n"u8, Ledger.Key(number)));
            },
            (database, _) =>
            {
                var number = database.Read(static read => read.Main.TryGet("n"u8, out var value) ? value[3] : 1);
                InvariantException.Require(number % 2 == 1, $"{number} is even");
            });
        var found = Assert.Throws<CrashTestException>(() => test.AtRandom(10_000, seed: 5))!;
        Assert.That(seen, Has.Count.GreaterThan(1));
        Assert.That(found.Point.ToString(), Does.StartWith("program:"));
        var again = Assert.Throws<CrashTestException>(() => test.Replay(found.Point.ToString()!))!;
        Assert.That(again.InnerException!.Message, Is.EqualTo(found.InnerException!.Message));
    }

    [Test]
    public void AtRandom_ForATime_EndsWhenItIsOver()
    {
        var report = new CrashTest(Ledger.Run, Ledger.Check).AtRandom(TimeSpan.FromMilliseconds(200));
        Assert.That(report.Moments, Is.GreaterThan(0));
        Assert.That(report.Elapsed, Is.LessThan(TimeSpan.FromSeconds(30)));
    }

    [Test]
    public void Message_OfAPowerCut_SaysWhereAndWhatIsLost()
    {
        var bug = UserBug.All.Single(static bug => bug.Name == "DeferredCommitTakenForDurable");
        var found = Assert.Throws<CrashTestException>(() => new CrashTest(bug.Program, bug.Check).EveryPoint())!;
        Assert.That(found.Message, Does.StartWith("The check fails after a crash: 1 was confirmed and is lost"));
        Assert.That(found.Message, Does.Contain("crash:   the power went"));
        Assert.That(found.Message, Does.Contain("told:    1"));
        Assert.That(found.Message, Does.Contain("writes since the last flush:").And.Contain(": lost"));
        Assert.That(found.Message, Does.Contain("UserBug.ConfirmDeferred"), "the frame of the program");
    }
}
