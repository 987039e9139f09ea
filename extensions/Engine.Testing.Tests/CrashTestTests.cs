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
    public void EveryPoint_ShowsEachCommit_BeforeAndAfterItIsConfirmed()
    {
        var seen = new Dictionary<CrashKind, HashSet<(int Confirmed, int Found)>>();
        new CrashTest(
            Ledger.Run,
            (database, crash) =>
            {
                var found = Enumerable.Range(1, Ledger.Entries).Count(number => Ledger.Has(database, number));
                if (!seen.TryGetValue(crash.Kind, out var states))
                {
                    seen.Add(crash.Kind, states = []);
                }

                states.Add((crash.Acknowledged<int>().Count, found));
            }).EveryPoint();
        var expected = Enumerable.Range(0, Ledger.Entries)
            .SelectMany(static number => new[] { (number, number), (number, number + 1) })
            .Append((Ledger.Entries, Ledger.Entries))
            .ToList();
        Assert.That(seen[CrashKind.Kill], Is.EquivalentTo(expected));
        Assert.That(seen[CrashKind.PowerCut], Is.EquivalentTo(expected));
        Assert.That(seen[CrashKind.None], Is.EquivalentTo(new[] { (Ledger.Entries, Ledger.Entries) }));
    }

    [Test]
    public void EveryPoint_BeforeAFlush_ShowsTheCommitThereAndLost()
    {
        var found = new HashSet<(int Moment, int Count)>();
        new CrashTest(
            Ledger.Run,
            (database, crash) =>
            {
                if (crash.Kind == CrashKind.PowerCut)
                {
                    var count = Enumerable.Range(1, Ledger.Entries).Count(number => Ledger.Has(database, number));
                    found.Add((crash.Point.Moment, count));
                }
            }).EveryPoint();
        var undecided = found.GroupBy(static state => state.Moment).Where(static moment => moment.Count() == 2)
            .Select(static moment => moment.Min(static state => state.Count)).Distinct();
        Assert.That(undecided, Is.EquivalentTo(Enumerable.Range(0, Ledger.Entries)));
    }

    [Test, Category("Campaign")]
    public void EveryPoint_OfAHundredCommits_IsStillOneRun()
    {
        static void Program(Database database, CrashRun run)
        {
            for (var number = 1; number <= 100; number++)
            {
                database.Write(transaction => Ledger.Put(transaction, number));
                run.Acknowledge(number);
            }
        }

        var report = new CrashTest(Program, Ledger.Check).EveryPoint();
        TestContext.Out.WriteLine(report);
        Assert.That(report.Runs, Is.EqualTo(1));
        Assert.That(report.Moments, Is.GreaterThan(400));
    }

    [Test]
    public void EveryPoint_OfDeferredCommits_ShowsAllOfThemOrNone()
    {
        var found = new HashSet<(CrashKind, int)>();
        new CrashTest(
            static (database, _) =>
            {
                database.Write(static transaction => Ledger.Put(transaction, 1), CommitMode.Deferred);
                database.Write(static transaction => Ledger.Put(transaction, 2), CommitMode.Deferred);
                database.Flush();
            },
            (database, crash) =>
                found.Add((crash.Kind, Enumerable.Range(1, 2).Count(number => Ledger.Has(database, number)))))
            .EveryPoint();
        Assert.That(found, Is.EquivalentTo(new[]
        {
            (CrashKind.None, 2), (CrashKind.Kill, 0), (CrashKind.Kill, 2), (CrashKind.PowerCut, 0),
            (CrashKind.PowerCut, 2),
        }));
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
    public void Reopen_IsCrashedToo_AndThrowsWhatFailsInIt()
    {
        var failures = 0;
        void Program(Database database, CrashRun run)
        {
            database.Write(static transaction => Ledger.Put(transaction, 1), CommitMode.Deferred);
            try
            {
                database = run.Reopen();
                run.Acknowledge(1);
            }
            catch (DatabasePoisonedException)
            {
                failures++;
                database = run.Reopen();
            }

            Assert.That(run.Database, Is.SameAs(database));
            database.Write(static transaction => Ledger.Put(transaction, 2));
            run.Acknowledge(2);
        }

        var test = new CrashTest(Program, Ledger.Check);
        Assert.That(test.EveryPoint().Moments, Is.GreaterThan(10));
        Assert.That(failures, Is.Zero);
        Assert.That(test.EveryFailure().FailedCalls, Is.GreaterThan(10));
        Assert.That(failures, Is.GreaterThan(0));
    }

    [Test]
    public void Reopen_AfterAFailedFlush_GoesOn()
    {
        var reopened = 0;
        var test = new CrashTest(
            (database, run) =>
            {
                for (var number = 1; number <= 2; number++)
                {
                    try
                    {
                        database.Write(transaction => Ledger.Put(transaction, number));
                        run.Acknowledge(number);
                    }
                    catch (DatabasePoisonedException)
                    {
                        reopened++;
                        database = run.Reopen();
                        database.Write(transaction => Ledger.Put(transaction, number));
                        run.Acknowledge(number);
                    }
                }
            },
            Ledger.Check);
        test.EveryFailure();
        Assert.That(reopened, Is.GreaterThan(1));
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
        var isStrict = false;
        var seen = new HashSet<byte>();
        var test = new CrashTest(
            (database, run) =>
            {
                var number = (byte)run.Random.Next(byte.MaxValue);
                seen.Add(number);
                database.Write(transaction => transaction.Main.Put("n"u8, [number]));
            },
            (database, _) =>
            {
                var number = database.Read(static read => read.Main.TryGet("n"u8, out var value) ? value[0] : 0);
                InvariantException.Require(!isStrict || number < 200, $"{number} is too much");
            });
        test.AtRandom(320, seed: 5);
        Assert.That(seen, Has.Count.GreaterThan(10));
        isStrict = true;
        var found = Assert.Throws<CrashTestException>(() => test.AtRandom(10_000, seed: 5))!;
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
        var test = new CrashTest(
            ConfirmTooSoon,
            static (database, crash) =>
            {
                if (crash.Kind == CrashKind.PowerCut)
                {
                    Ledger.Check(database, crash);
                }
            });
        var found = Assert.Throws<CrashTestException>(() => test.EveryPoint())!;
        Assert.That(found.Message, Does.StartWith("The check fails after a crash: 1 was confirmed and is lost"));
        Assert.That(found.Message, Does.Contain("crash:   the power went"));
        Assert.That(found.Message, Does.Contain("told:    1"));
        Assert.That(found.Message, Does.Contain("lost:    nothing had been written since the last flush"));
        Assert.That(found.Message, Does.Contain($"{nameof(CrashTestTests)}.{nameof(ConfirmTooSoon)}"), "the frame");
        Assert.That(
            Assert.Throws<CrashTestException>(() => test.Replay("at:4 power keep:none"))!.Message,
            Does.Contain("writes since the last flush:").And.Contain("4096 bytes at").And.Contain(": lost"));
    }

    [Test]
    public void Message_OfAFailedCall_SaysWhichAndWhere()
    {
        var bug = UserBug.All.Single(static bug => bug.Name == "FailureSwallowedAndConfirmed");
        var found = Assert.Throws<CrashTestException>(() => new CrashTest(bug.Program, bug.Check).EveryFailure())!;
        Assert.That(found.Message, Does.Contain("failed:  storage call ").And.Contain("UserBug.ConfirmInFinally"));
    }

    private static void ConfirmTooSoon(Database database, CrashRun run)
    {
        using var transaction = database.BeginWrite();
        Ledger.Put(transaction, 1);
        run.Acknowledge(1);
        transaction.Commit();
    }
}
