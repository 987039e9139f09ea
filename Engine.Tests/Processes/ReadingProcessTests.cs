using System.Diagnostics;
using Engine.Storage;
using Engine.Tests.Concurrency;
using Engine.Tests.Infrastructure;
using Engine.Tests.Storage;
using Engine.Transactions;

namespace Engine.Tests.Processes;

/// <summary>Processes that read beside one that writes; one of them is killed.</summary>
[Category(Categories.Process), NonParallelizable]
public class ReadingProcessTests
{
    [Test]
    public void TwoReadingProcesses_BesideAWriter_SeeWholeBatches_AlsoWhenAThirdIsKilledAgainAndAgain()
    {
        using var directory = new TempDirectory();
        using var database = Database.Open(directory.DatabasePath);
        using var first = StartReader(directory, 1);
        using var second = StartReader(directory, 2);
        var third = StartReader(directory, 1);
        var (watch, duration, kills, number) = (Stopwatch.StartNew(), StressTime.Seconds(6), 0, 0);
        while (watch.Elapsed < duration || kills < 2)
        {
            WriteBatch(database, ++number, isDurable: number % 3 == 0);
            if (watch.Elapsed > (kills + 1) * duration / 3 && kills < 2)
            {
                third.Kill();
                third.Dispose();
                third = StartReader(directory, 1);
                kills++;
            }
        }

        database.Flush();
        third.Dispose();
        foreach (var helper in new[] { first, second })
        {
            var counts = helper.Do("db-readers-end");
            TestContext.Out.WriteLine($"{number} batches, {kills} kills; {counts}");
            Assert.That(
                int.Parse(counts.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture),
                Is.GreaterThan(10),
                "snapshots verified");
            helper.Do("db-close");
        }

        Assert.That(database.Check().IsOk);
    }

    [Test]
    public void KilledReader_IsSweptWhileTheWriterRuns_AndItsPagesAreReused()
    {
        using var directory = new TempDirectory();
        using var database = Database.Open(directory.DatabasePath);
        Sample.Fill(database, 0, 2000);
        using var living = HelperProcess.Start();
        living.Do($"db-open {directory.DatabasePath} readonly");
        using (var helper = HelperProcess.Start())
        {
            helper.Do($"db-open {directory.DatabasePath} readonly");
            helper.Do("db-hold");
            Sample.Fill(database, 0, 2000, 30);
            living.Do("db-hold");
            Sample.Fill(database, 0, 2000, 40);
            CommitOften(database, DatabaseWriter.CommitsBetweenSweeps + 2);
            Assert.That(
                database.Core.LockFile.Readers.Describe().Select(info => info.ProcessId),
                Is.EquivalentTo(new[] { helper.Id, living.Id }),
                "both live");
            helper.Kill();
        }

        Patience.Until(
            () => database.Core.LockFile.Readers.Describe().Any(info => info.Liveness == ProcessLiveness.Dead),
            "the reader's locks fall");
        var before = database.Core.Writer!.SpaceCounts.Pending;
        CommitOften(database, DatabaseWriter.CommitsBetweenSweeps + 2);
        Assert.That(
            database.Core.LockFile.Readers.Describe().Select(info => info.ProcessId),
            Is.EqualTo(new[] { living.Id }),
            "the dead one is gone, the other is not");
        Assert.That(database.Core.Writer!.SpaceCounts.Pending, Is.LessThan(before), "its pages can be reused");
        Assert.That(living.Do("db-held"), Is.EqualTo("2000"));
        Assert.That(database.Check().IsOk);
    }

    [Test]
    public void KilledReader_OfAnotherPidNamespaceWithoutLocks_StaysPinned()
    {
        Machine.Need("unshare", "--pid", "--fork", "--mount-proc", "true");
        using var directory = new TempDirectory();
        using var database = Database.Open(directory.DatabasePath);
        Sample.Fill(database, 0, 200);
        using var container = HelperProcess.Start("unshare", "--pid", "--fork", "--mount-proc", "--kill-child");
        container.Do($"db-open {directory.DatabasePath} readonly");
        container.Do("db-hold");
        ForgetLock(database.Core.LockFile);
        container.Kill();
        Patience.Until(
            () => database.Core.LockFile.Readers.Describe().Single().Liveness == ProcessLiveness.Unknown,
            "the container's locks fall");
        CommitOften(database, (2 * DatabaseWriter.CommitsBetweenSweeps) + 2);
        Assert.That(database.Core.LockFile.Readers.Describe().Count(), Is.EqualTo(1));
    }

    /// <summary>As if the container's file system had no byte locks: the entry after the writer's own.</summary>
    private static unsafe void ForgetLock(LockFile file)
    {
        var entry = file.DangerousAddress + LockLayout.ProcessesOffset + LockLayout.ProcessSize;
        var token = (ulong*)(entry + LockLayout.ProcessTokenOffset);
        Assert.That(*token & LockLayout.TokenKeepsLock, Is.Not.Zero);
        *token &= ~LockLayout.TokenKeepsLock;
    }

    private static HelperProcess StartReader(TempDirectory directory, int threads)
    {
        var helper = HelperProcess.Start();
        helper.Do($"db-open {directory.DatabasePath} readonly");
        helper.Do($"db-readers {threads}");
        return helper;
    }

    private static void WriteBatch(Database database, int number, bool isDurable)
    {
        using var transaction = database.BeginWrite();
        Batch.Write(database, transaction, number);
        transaction.Commit(isDurable ? CommitMode.Durable : CommitMode.Deferred);
    }

    private static void CommitOften(Database database, int commits)
    {
        for (var i = 0; i < commits; i++)
        {
            Sample.Put(database, "a key"u8, Sample.Key(i), CommitMode.Deferred);
        }

        database.Flush();
    }
}
