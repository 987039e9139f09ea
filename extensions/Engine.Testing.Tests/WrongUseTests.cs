using Engine.Testing.Tests.Programs;

namespace Engine.Testing.Tests;

/// <summary>A test that is wrong itself is told so.</summary>
public class WrongUseTests
{
    [Test]
    public void Program_ThatFailsByItself_IsNoCrash()
    {
        var test = new CrashTest(static (_, _) => throw new InvariantException("by itself"), Ledger.Check);
        var found = Assert.Throws<CrashTestException>(() => test.EveryPoint())!;
        Assert.That(found.Point, Is.Null);
        Assert.That(found.Message, Does.Contain("without any crash: by itself"));
        Assert.That(found.InnerException, Is.TypeOf<InvariantException>());
    }

    [Test]
    public void Check_ThatFailsWithoutACrash_SaysSo()
    {
        var test = new CrashTest(Ledger.Run, static (_, crash) => throw new InvariantException("always"));
        var found = Assert.Throws<CrashTestException>(() => test.EveryPoint())!;
        Assert.That(found.Message, Does.StartWith("The check fails without any crash: always"));
        Assert.That(() => test.Replay(found.Point.ToString()!), Throws.TypeOf<CrashTestException>());
    }

    [Test]
    public void Arrange_ThatFails_SaysSo()
    {
        var test = new CrashTest(Ledger.Run, Ledger.Check) { Arrange = static _ => throw new InvariantException("no") };
        var found = Assert.Throws<CrashTestException>(() => test.EveryPoint())!;
        Assert.That(found.Message, Does.Contain("Arranging").And.Contain("no"));
    }

    [Test]
    public void Program_ThatWritesNothing_TestsNothing()
    {
        var test = new CrashTest(static (database, _) => database.Read(static read => read.Main.Count), Ledger.Check);
        Assert.That(
            () => test.EveryPoint(),
            Throws.InvalidOperationException.With.Message.Contains("written nothing"));
    }

    [Test]
    public void Program_ThatNeverEnds_IsGivenUp()
    {
        using var never = new ManualResetEventSlim();
        var test = new CrashTest(
            (database, run) =>
            {
                try
                {
                    Ledger.Run(database, run);
                }
                catch (DatabaseException)
                {
                    never.Wait();
                }
            },
            Ledger.Check)
        {
            TimeLimit = TimeSpan.FromSeconds(5),
        };
        var found = Assert.Throws<CrashTestException>(() => test.EveryFailure())!;
        Assert.That(found.Message, Does.Contain("The program has not ended within 5 seconds").And.Contain("fault:"));
        never.Set();
    }

    [Test]
    public void Disk_ThatIsTooSmall_IsFullForTheProgram()
    {
        var test = new CrashTest(
            static (database, _) =>
                database.Write(static transaction => transaction.Main.Put("a"u8, new byte[2 << 20])),
            Ledger.Check)
        {
            Capacity = 1 << 20,
        };
        var found = Assert.Throws<CrashTestException>(() => test.EveryPoint())!;
        Assert.That(found.InnerException, Is.InstanceOf<DatabaseFullException>());
    }

    [Test]
    public void Options_OutOfRange_AreRefused()
    {
        static CrashTest Test(
            DatabaseOptions? options = null, int capacity = 1 << 20, TimeSpan? limit = null) =>
            new(Ledger.Run, Ledger.Check)
            {
                Options = options,
                Capacity = capacity,
                TimeLimit = limit ?? TimeSpan.FromSeconds(10),
            };

        Assert.That(() => Test(new() { ReadOnly = true }).EveryPoint(), Throws.ArgumentException);
        Assert.That(() => Test(new() { CreateIfMissing = false }).EveryPoint(), Throws.ArgumentException);
        Assert.That(() => Test(new() { PageSize = 100 }).EveryPoint(), Throws.ArgumentException);
        Assert.That(() => Test(capacity: 1000).EveryPoint(), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Test(capacity: int.MaxValue).EveryPoint(), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Test(limit: TimeSpan.Zero).EveryPoint(), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Test().AtRandom(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => Test().AtRandom(TimeSpan.FromSeconds(-1)), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [TestCase("at:1 lightning", "'lightning'")]
    [TestCase("at:one kill", "'at:one'")]
    [TestCase("at kill", "'at'")]
    [TestCase("at:1 power keep:half:2", "'keep:half:2'")]
    [TestCase("fault:1:Rust:0 at:1 kill", "'fault:1:Rust:0'")]
    [TestCase("kill", "lacks the moment")]
    [TestCase("at:3", "lacks")]
    [TestCase("", "lacks")]
    public void Replay_OfALineThatIsNone_NamesTheWord(string line, string named)
    {
        var test = new CrashTest(Ledger.Run, Ledger.Check);
        Assert.That(() => test.Replay(line), Throws.TypeOf<FormatException>().With.Message.Contains(named));
    }

    [TestCase("at:100000 kill")]
    [TestCase("fault:100000:NoSpace:0 at:1 kill")]
    public void Replay_OfAnotherProgramsLine_SaysThatThereIsNoSuchPoint(string line)
    {
        var test = new CrashTest(Ledger.Run, Ledger.Check);
        Assert.That(() => test.Replay(line), Throws.InvalidOperationException.With.Message.Contains(line));
    }
}
