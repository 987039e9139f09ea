using System.Diagnostics;
using System.Globalization;
using Engine.Storage;
using Engine.Tests.Concurrency;
using Engine.Tests.Infrastructure;
using Engine.Tests.Storage;

namespace Engine.Tests.Processes;

/// <summary>
/// A writing process is killed at any moment, readers in it and beside it: what it acknowledged is there, and nothing
/// is half there.
/// </summary>
[Category(Categories.Process), NonParallelizable]
public class KillTests
{
    /// <summary>Environment variable: so many cycles instead of the few of every run.</summary>
    private const string CyclesVariable = "ENGINE_KILLS";

    private int _acknowledged;

    private static int Cycles => int.TryParse(
        Environment.GetEnvironmentVariable(CyclesVariable), CultureInfo.InvariantCulture, out var wanted) ? wanted : 8;

    [Test]
    public void KilledWriter_LeavesExactlyACommittedState_NotOlderThanWhatItAcknowledged_AndReadersElsewhereGoOn()
    {
        var cycles = Cycles;
        var seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var watch = Stopwatch.StartNew();
        using var directory = new TempDirectory();
        var path = directory.DatabasePath;
        Database.Open(path).Dispose();
        using var beside = Database.Open(path, new DatabaseOptions { ReadOnly = true });
        using var readers = new BatchReaders(beside, 1, () => Volatile.Read(ref _acknowledged));
        var model = new Dictionary<string, SortedDictionary<byte[], byte[]>>();
        var last = 0;
        for (var cycle = 0; cycle < cycles; cycle++)
        {
            using var held = beside.OpenSnapshot();
            var before = last;
            Assert.That(Verify(beside, held), Is.EqualTo(before));

            var acknowledged = RunAndKill(path, last + 1, random);
            Assert.That(Verify(beside, held), Is.EqualTo(before), "the snapshot of a process that lives on");
            using (var database = OpenAsFound(path, readOnly: cycle % 3 == 2))
            {
                var found = Batch.LastOf(database);
                Assert.That(
                    found, Is.GreaterThanOrEqualTo(Math.Max(last, acknowledged)), "an acknowledged commit is missing");
                while (last < found)
                {
                    Batch.Apply(model, ++last);
                }

                Compare(Sample.ReadAll(database), model);
                var report = database.Check();
                Assert.That(report.IsOk, string.Join('\n', report.Problems));
            }

            if (cycle % 3 == 2 && Batch.LastOf(beside) != last)
            {
                // Killed between its flush and telling of it: those who have the database open are told when a writer
                // has recovered it.
                Assert.That(Batch.LastOf(beside), Is.EqualTo(Math.Max(before, acknowledged)));
                OpenPatiently(path, readOnly: false).Dispose();
            }

            Assert.That(Batch.LastOf(beside), Is.EqualTo(last), "the process that lives on sees the recovered state");
            Assert.That(Verify(beside, held), Is.EqualTo(before), "and keeps its snapshot");
        }

        readers.Stop();
        TestContext.Out.WriteLine(
            $"{cycles} kills in {watch.Elapsed.TotalSeconds:F0} s, {last} batches, {new FileInfo(path).Length:N0} "
            + $"bytes; beside them: {readers.Counts}");
        Assert.That(last, Is.GreaterThan(cycles));
        Assert.That(readers.Counts.Verified, Is.GreaterThan(cycles));
    }

    [Test]
    public void KilledWriter_WhoseClientsShareFlushes_LeavesWhatEachOfThemWasTold()
    {
        const int Threads = 16;
        const int Flows = 200;
        var random = new Random();
        using var directory = new TempDirectory();
        var path = directory.DatabasePath;
        using (var database = Database.Open(path))
        {
            Bank.Found(database);
        }

        var told = new long[Threads + Flows];
        for (var cycle = Cycles; cycle > 0; cycle--)
        {
            using (var helper = HelperProcess.Start())
            {
                helper.Do($"db-open {path}");
                helper.Send($"db-clients {Threads} {Flows}");
                for (var lines = random.Next(500); lines > 0; lines--)
                {
                    Note(told, helper.ReadLine());
                }

                Thread.Sleep(random.Next(0, 30));
                helper.Kill();
                for (var line = helper.ReadLine(); line != "!gone"; line = helper.ReadLine())
                {
                    Note(told, line);
                }
            }

            using var found = OpenPatiently(path, readOnly: false);
            Assert.That(found.Read(static read => Bank.Verify(read)), Is.GreaterThanOrEqualTo(told.Sum()));
            Assert.That(told.Select((_, client) => Bank.Count(found, client)).Zip(told), Is.All.Matches<(long, long)>(
                static client => client.Item1 >= client.Item2), "an acknowledged update is missing");
            var report = found.Check();
            Assert.That(report.IsOk, string.Join('\n', report.Problems));
        }

        Assert.That(told.Sum(), Is.GreaterThan(Threads));
    }

    [Test]
    public void WriterKilledWithinAFlush_LeavesReadersTheirStates_AndAnOpenForWritingDecides()
    {
        Machine.Need("strace", "-o", "/dev/null", "true");
        using var directory = new TempDirectory();
        var path = directory.DatabasePath;
        using (var database = Database.Open(path))
        {
            Write(database, 1);
        }

        using var beside = Database.Open(path, new DatabaseOptions { ReadOnly = true });
        using var held = beside.OpenSnapshot();
        using (var lockFile = new FileStorage(path).OpenLockFile(readOnly: true))
        using (var helper = HelperProcess.Start(
            "strace",
            "-f",
            "-qq",
            "-o",
            directory.File("trace"),
            "--trace=fdatasync",
            "-P",
            path,
            "--inject=fdatasync:delay_enter=600000000"))
        {
            helper.Do($"db-open {path}");
            helper.Send("db-batches 2");
            Patience.Until(() => lockFile.FlushMark, "the flush begins");
            Assert.That(Batch.LastOf(beside), Is.EqualTo(1), "what is not flushed is not shown");
            helper.Kill();
            Patience.Until(() => !lockFile.HasLiveWriter, "the writer's locks fall");
        }

        Assert.That(Batch.LastOf(beside), Is.EqualTo(1));
        Assert.That(Verify(beside, held), Is.EqualTo(1));
        Assert.Throws<DatabaseAccessException>(() => Database.Open(path, new DatabaseOptions { ReadOnly = true }));
        using (var recovered = Database.Open(path))
        {
            Assert.That(Batch.LastOf(recovered), Is.EqualTo(2), "its pages and its meta are there");
            Assert.That(Batch.LastOf(beside), Is.EqualTo(2));
            Assert.That(Verify(beside, held), Is.EqualTo(1));
            Assert.That(recovered.Check().IsOk);
        }
    }

    [Test]
    public void KilledReader_KeepsNoMoreThanItsSnapshot_AndNothingAfterTheNextOpening()
    {
        using var directory = new TempDirectory();
        using (var database = Database.Open(directory.DatabasePath))
        {
            Sample.Fill(database, 0, 2000);
            using (var helper = HelperProcess.Start())
            {
                helper.Do($"db-open {directory.DatabasePath} readonly");
                helper.Do("db-hold");
                Assert.That(helper.Do("db-count"), Is.EqualTo("2000"));
                helper.Kill();
            }

            for (var i = 0; i < 50; i++)
            {
                Sample.Fill(database, 0, 2000);
            }

            // The reader's snapshot, the durable state before the last, the last, and the branch zone.
            Assert.That(database.GetStatistics().PageCount, Is.LessThan((4 * database.GetStatistics().TreePages) + 64));
        }

        using var again = Database.Open(directory.DatabasePath);
        Patience.Until(
            () => again.Core.LockFile.Readers.SweepDead() >= 0 && !again.Core.LockFile.HasOthers,
            "the reader's locks fall");
        Sample.Put(again, "a"u8, "1"u8);
        Sample.Put(again, "a"u8, "2"u8);
        Assert.That(again.GetStatistics().PendingPages, Is.LessThan(10));
        Assert.That(again.Check().IsOk);
    }

    /// <summary>Lets a process write batches, with a reader of its own, and kills it.</summary>
    /// <returns>The last batch that it called durable; 0 if none.</returns>
    private int RunAndKill(string path, int first, Random random)
    {
        using var helper = HelperProcess.Start();
        helper.Do($"db-open {path}");
        helper.Send($"db-batches {first} 1");
        var acknowledged = 0;
        var watched = random.Next(4) == 0 ? 0 : random.Next(1, 40);
        for (var i = 0; i < watched; i++)
        {
            acknowledged = int.Parse(helper.ReadLine(), CultureInfo.InvariantCulture);
            Volatile.Write(ref _acknowledged, acknowledged);
        }

        Thread.Sleep(random.Next(0, 30));
        helper.Kill();
        for (var line = helper.ReadLine(); line != "!gone"; line = helper.ReadLine())
        {
            Assert.That(line, Does.Not.StartWith("!"), "a reader in the writer's process");

            // The last line may have been cut off in the middle; then nobody was told of that commit.
            acknowledged = int.TryParse(line, CultureInfo.InvariantCulture, out var number) && number > acknowledged
                ? number
                : acknowledged;
        }

        return acknowledged;
    }

    /// <summary>What a client says: its number, and how many of its updates are durable.</summary>
    private static void Note(long[] told, string line)
    {
        Assert.That(line, Does.Not.StartWith("!"), "a client");

        // The last line may have been cut off in the middle; then it says less.
        if (line.Split(' ') is [var client, var count]
            && long.TryParse(count, CultureInfo.InvariantCulture, out var updates))
        {
            var number = int.Parse(client, CultureInfo.InvariantCulture);
            told[number] = Math.Max(told[number], updates);
        }
    }

    private static Database OpenAsFound(string path, bool readOnly)
    {
        try
        {
            return OpenPatiently(path, readOnly);
        }
        catch (DatabaseAccessException) when (readOnly)
        {
            // Killed while it was flushing: recovery must write.
            OpenPatiently(path, readOnly: false).Dispose();
            return OpenPatiently(path, readOnly: true);
        }
    }

    /// <summary>The locks of a killed process may outlive it for a moment.</summary>
    private static Database OpenPatiently(string path, bool readOnly)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return Database.Open(path, new DatabaseOptions { ReadOnly = readOnly });
            }
            catch (DatabaseBusyException) when (watch.Elapsed < Patience.Limit)
            {
                Thread.Sleep(1);
            }
        }
    }

    private static void Write(Database database, int number)
    {
        using var transaction = database.BeginWrite();
        Batch.Write(database, transaction, number);
        transaction.Commit();
    }

    private static int Verify(Database database, Snapshot snapshot)
    {
        using var read = snapshot.BeginRead();
        return Batch.Verify(database, read);
    }

    private static void Compare(
        Dictionary<string, SortedDictionary<byte[], byte[]>> actual,
        Dictionary<string, SortedDictionary<byte[], byte[]>> expected)
    {
        foreach (var (name, entries) in expected)
        {
            Sample.AssertSame(actual[name], entries);
        }
    }
}
