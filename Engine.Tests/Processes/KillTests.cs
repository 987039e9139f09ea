using System.Globalization;
using Engine.Tests.Infrastructure;
using Engine.Tests.Storage;

namespace Engine.Tests.Processes;

/// <summary>A writing process is killed at any moment: what it acknowledged is there, and nothing is half there.</summary>
public class KillTests
{
    /// <summary>More cycles than the few of every run.</summary>
    private const string CyclesVariable = "ENGINE_TESTS_KILLS";

    [Test]
    public void KilledWriter_LeavesExactlyACommittedState_NotOlderThanWhatItAcknowledged()
    {
        var cycles = int.TryParse(Environment.GetEnvironmentVariable(CyclesVariable), CultureInfo.InvariantCulture, out var wanted) ? wanted : 20;
        var seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var directory = new TempDirectory();
        var model = new Dictionary<string, SortedDictionary<byte[], byte[]>>();
        var last = 0;
        for (var cycle = 0; cycle < cycles; cycle++)
        {
            var acknowledged = RunAndKill(directory.DatabasePath, last + 1, random);
            using var database = OpenAsFound(directory.DatabasePath, readOnly: cycle % 3 == 2);
            var found = Batch.LastOf(database);
            Assert.That(found, Is.GreaterThanOrEqualTo(Math.Max(last, acknowledged)), "an acknowledged commit is missing");
            while (last < found)
            {
                Batch.Apply(model, ++last);
            }

            Compare(Sample.ReadAll(database), model);
            var report = database.Check();
            Assert.That(report.IsOk, string.Join('\n', report.Problems));
        }

        TestContext.Out.WriteLine($"{last} batches over {cycles} kills, {new FileInfo(directory.DatabasePath).Length:N0} bytes");
        Assert.That(last, Is.GreaterThan(cycles));
    }

    [Test]
    public void KilledWriter_WithReadersInAnotherProcess_LeavesTheirSnapshotWhole()
    {
        using var directory = new TempDirectory();
        RunAndKill(directory.DatabasePath, 1, new Random(1));
        using var reader = OpenAsFound(directory.DatabasePath, readOnly: true);
        using var snapshot = reader.OpenSnapshot();
        var before = snapshot.Enumerate().ToList();
        for (var i = 0; i < 3; i++)
        {
            RunAndKill(directory.DatabasePath, Batch.LastOf(reader) + 1, new Random(i));
            Assert.That(snapshot.Enumerate().Zip(before).All(pair => pair.First.Key.AsSpan().SequenceEqual(pair.Second.Key) && pair.First.Value.AsSpan().SequenceEqual(pair.Second.Value)));
            Assert.That(snapshot.Enumerate().Count(), Is.EqualTo(before.Count));
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
        Sample.Put(again, "a"u8, "1"u8);
        Sample.Put(again, "a"u8, "2"u8);
        Assert.That(again.GetStatistics().PendingPages, Is.LessThan(10));
        Assert.That(again.Check().IsOk);
    }

    /// <summary>Lets a process write batches and kills it.</summary>
    /// <returns>The last batch that it called durable; 0 if none.</returns>
    private static int RunAndKill(string path, int first, Random random)
    {
        using var helper = HelperProcess.Start();
        helper.Do($"db-open {path}");
        helper.Send($"db-batches {first}");
        var acknowledged = 0;
        var watched = random.Next(4) == 0 ? 0 : random.Next(1, 40);
        for (var i = 0; i < watched; i++)
        {
            acknowledged = int.Parse(helper.ReadLine(), CultureInfo.InvariantCulture);
        }

        Thread.Sleep(random.Next(0, 30));
        helper.Kill();
        for (var line = helper.ReadLine(); line != "!gone"; line = helper.ReadLine())
        {
            // The last line may have been cut off in the middle; then nobody was told of that commit.
            acknowledged = int.TryParse(line, CultureInfo.InvariantCulture, out var number) && number > acknowledged ? number : acknowledged;
        }

        return acknowledged;
    }

    private static Database OpenAsFound(string path, bool readOnly)
    {
        try
        {
            return Database.Open(path, new DatabaseOptions { ReadOnly = readOnly });
        }
        catch (DatabaseAccessException) when (readOnly)
        {
            // Killed while it was flushing: recovery must write.
            Database.Open(path).Dispose();
            return Database.Open(path, new DatabaseOptions { ReadOnly = true });
        }
    }

    private static void Compare(Dictionary<string, SortedDictionary<byte[], byte[]>> actual, Dictionary<string, SortedDictionary<byte[], byte[]>> expected)
    {
        foreach (var (name, entries) in expected)
        {
            Sample.AssertSame(actual[name], entries);
        }
    }
}
