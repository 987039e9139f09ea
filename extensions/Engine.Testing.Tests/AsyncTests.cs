using Engine.Testing.Tests.Programs;

namespace Engine.Testing.Tests;

/// <summary>Programs that await, and programs of several writers.</summary>
public class AsyncTests
{
    [Test]
    public void Program_ThatAwaits_StaysOnOneThreadAndIsCrashedEverywhere()
    {
        var threads = new HashSet<int>();
        async Task Program(Database database, CrashRun run)
        {
            for (var number = 1; number <= 3; number++)
            {
                threads.Add(Environment.CurrentManagedThreadId);
                await Task.Yield();
                using var transaction = await database.BeginWriteAsync();
                Ledger.Put(transaction, number);
                await transaction.CommitAsync();
                run.Acknowledge(number);
            }
        }

        static async Task Check(Database database, Crash crash)
        {
            await Task.Yield();
            Ledger.Check(database, crash);
        }

        var report = new CrashTest(Program, Check).EveryPoint();
        Assert.That(report.States, Is.GreaterThan(30));
        Assert.That(threads, Has.Count.EqualTo(1));
        Assert.That(threads, Does.Not.Contain(Environment.CurrentManagedThreadId));
    }

    [Test]
    public void Check_ThatAwaitsAndFails_IsFound()
    {
        async Task Program(Database database, CrashRun run)
        {
            using var transaction = await database.BeginWriteAsync();
            Ledger.Put(transaction, 1);
            run.Acknowledge(1);
            await transaction.CommitAsync();
        }

        static async Task Check(Database database, Crash crash)
        {
            await Task.Yield();
            Ledger.Check(database, crash);
        }

        var test = new CrashTest(Program, Check);
        var found = Assert.Throws<CrashTestException>(() => test.EveryPoint())!;
        Assert.That(found.InnerException, Is.TypeOf<InvariantException>());
        Assert.That(
            () => test.Replay(found.Point.ToString()!),
            Throws.TypeOf<CrashTestException>().With.Property(nameof(CrashTestException.Point)).EqualTo(found.Point));
    }

    [Test]
    public void Check_OfAnAsyncLambdaBesideASynchronousProgram_IsAwaited()
    {
        var test = new CrashTest(
            Ledger.Run,
            async (_, _) =>
            {
                await Task.Yield();
                throw new InvariantException("late");
            });
        Assert.That(() => test.EveryPoint(), Throws.TypeOf<CrashTestException>().With.Message.Contains("late"));
    }

    [Test]
    public void Writers_ThatWaitForEachOther_AreCrashedInTheOrderTheyHad()
    {
        async Task Program(Database database, CrashRun run)
        {
            async Task Write(int number)
            {
                await database.WriteAsync(transaction =>
                {
                    Ledger.Put(transaction, number);
                    return number;
                });
                run.Acknowledge(number);
            }

            await Task.WhenAll(Enumerable.Range(1, 6).Select(Write));
        }

        var test = new CrashTest(Program, Ledger.Check);
        Assert.That(test.EveryPoint().States, Is.GreaterThan(20));
        Assert.That(test.EveryFailure().FailedCalls, Is.GreaterThan(10));
    }

    [Test]
    public void Threads_AreCrashedInTheOrderTheyHad()
    {
        static void Program(Database database, CrashRun run)
        {
            var threads = Enumerable.Range(0, 3).Select(first => new Thread(() =>
            {
                for (var i = 0; i < 5; i++)
                {
                    var number = 1 + first + (3 * i);
                    database.Write(transaction => Ledger.Put(transaction, number));
                    run.Acknowledge(number);
                }
            })).ToList();
            threads.ForEach(static thread => thread.Start());
            threads.ForEach(static thread => thread.Join());
        }

        var report = new CrashTest(Program, Ledger.Check).EveryPoint();
        Assert.That(report.Moments, Is.GreaterThan(30));
    }
}
