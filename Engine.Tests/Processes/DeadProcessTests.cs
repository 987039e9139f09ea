using Engine.Storage;
using Engine.Tests.Infrastructure;
using Engine.Tests.Storage;
using Engine.Transactions;

namespace Engine.Tests.Processes;

/// <summary>What killed processes leave in the tables of the lock file stands in nobody's way.</summary>
[Category(Categories.Process), NonParallelizable]
public class DeadProcessTests
{
    [Test]
    public void ReadOnlyOpen_AfterAProcessWasKilledThatHeldAllSlots_Reads()
    {
        using var directory = new TempDirectory();
        using (var database = Database.Open(directory.DatabasePath))
        {
            Sample.Put(database, "k"u8, "v"u8);
        }

        KillHolderOfAllSlots(directory);

        using var reading = Database.Open(directory.DatabasePath, new DatabaseOptions { ReadOnly = true });
        Assert.That(Sample.Get(reading, "k"u8), Is.EqualTo("v"u8.ToArray()));
    }

    [Test]
    public void IdleWriter_AfterAProcessWasKilledThatHeldAllSlots_Reads()
    {
        using var directory = new TempDirectory();
        using var database = Database.Open(directory.DatabasePath);
        Sample.Put(database, "k"u8, "v"u8);

        KillHolderOfAllSlots(directory);

        Assert.That(Sample.Get(database, "k"u8), Is.EqualTo("v"u8.ToArray()));
        using var beside = Database.Open(directory.DatabasePath, new DatabaseOptions { ReadOnly = true });
        Assert.That(Sample.Get(beside, "k"u8), Is.EqualTo("v"u8.ToArray()));
    }

    [Test]
    public void ReadingProcess_BesideAnIdleWriter_AfterAProcessWasKilledThatHeldAllSlots_Reads()
    {
        using var directory = new TempDirectory();
        using var database = Database.Open(directory.DatabasePath);
        Sample.Put(database, "k"u8, "v"u8);
        using var reading = Database.Open(directory.DatabasePath, new DatabaseOptions { ReadOnly = true });

        KillHolderOfAllSlots(directory);

        Assert.That(Sample.Get(reading, "k"u8), Is.EqualTo("v"u8.ToArray()));
    }

    [Test]
    public void Writer_SweepsProcessesThatWereKilledWhileIdle_WithAndWithoutReaders([Values] bool withReaders)
    {
        using var directory = new TempDirectory();
        using var database = Database.Open(directory.DatabasePath);
        for (var i = 0; i < 5; i++)
        {
            new FileStorage(directory.DatabasePath).OpenLockFile(readOnly: true).Abandon();
        }

        Assert.That(
            database.Core.LockFile.DescribeProcesses().Count(process => process.Liveness == ProcessLiveness.Dead),
            Is.EqualTo(5));
        for (var i = 0; i <= DatabaseWriter.CommitsBetweenSweeps; i++)
        {
            // Each of them the oldest one, for one commit.
            using var reader = withReaders ? database.OpenSnapshot() : null;
            Sample.Put(database, "a key"u8, Sample.Key(i), CommitMode.Deferred);
        }

        Assert.That(database.Core.LockFile.DescribeProcesses().Count(), Is.EqualTo(1));
    }

    [Test]
    public void ManyProcessesKilledWhileIdle_KeepNobodyOut()
    {
        using var directory = new TempDirectory();
        using var database = Database.Open(directory.DatabasePath);
        Sample.Put(database, "k"u8, "v"u8);
        for (var i = 0; i < LockLayout.ProcessCount + 5; i++)
        {
            new FileStorage(directory.DatabasePath).OpenLockFile(readOnly: true).Abandon();
        }

        using (var reading = Database.Open(directory.DatabasePath, new DatabaseOptions { ReadOnly = true }))
        {
            Assert.That(Sample.Get(reading, "k"u8), Is.EqualTo("v"u8.ToArray()));
        }

        Assert.That(database.Core.LockFile.DescribeProcesses().Count(), Is.LessThan(50));
    }

    private static void KillHolderOfAllSlots(TempDirectory directory)
    {
        using var watching = new FileStorage(directory.DatabasePath).WatchLockFile();
        using (var helper = HelperProcess.Start())
        {
            helper.Do("storage " + directory.DatabasePath);
            helper.Do("join reader");
            helper.Do("pinall");
            Assert.That(watching.Readers.Describe().Count(), Is.EqualTo(LockLayout.SlotCount));
            helper.Kill();
        }

        Patience.Until(
            () => watching.Readers.Describe().All(info => info.Liveness == ProcessLiveness.Dead), "the locks fall");
    }
}
