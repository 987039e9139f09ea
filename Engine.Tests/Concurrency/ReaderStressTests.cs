using System.Diagnostics;
using Engine.Tests.Infrastructure;
using Engine.Tests.Processes;

namespace Engine.Tests.Concurrency;

/// <summary>
/// Readers begin, hold and end on many threads while the writer commits, the file grows, trees shrink, and maps are
/// replaced.
/// </summary>
public class ReaderStressTests
{
    [Test, Sampled("seconds", 1)]
    public void Readers_OnManyThreads_WhileTheFileGrowsAndTreesShrink_SeeWholeStatesThatNeverChange(
        [Values] bool inMemory, [Values(1, 5)] int seconds)
    {
        const int Threads = 4;
        using var directory = new TempDirectory();
        using var database = inMemory ? Sample.InMemory(1024) : Database.Open(directory.DatabasePath);
        var (acknowledged, lengths, shrunk) = (0, new HashSet<long>(), 0);
        using var readers = new BatchReaders(database, Threads, () => Volatile.Read(ref acknowledged));
        var watch = Stopwatch.StartNew();
        for (var number = 1; number <= 100 || watch.Elapsed < StressTime.Seconds(seconds); number++)
        {
            var pages = database.Core.Published.PageCount;
            using (var transaction = database.BeginWrite())
            {
                Batch.Write(database, transaction, number);
                ChangeBallast(database, transaction, number);
                transaction.Commit(number % 3 == 0 ? CommitMode.Durable : CommitMode.Deferred);
            }

            Volatile.Write(ref acknowledged, number);
            lengths.Add(database.Core.File.Length);
            shrunk += database.Core.Published.PageCount < pages ? 1 : 0;
        }

        readers.Stop();
        TestContext.Out.WriteLine(
            $"{acknowledged} batches, {lengths.Count} lengths of the file, {shrunk} times fewer pages, "
            + $"{readers.Counts}");
        Assert.That(lengths, Has.Count.GreaterThan(3), "several map generations");
        Assert.That(readers.Counts.Verified, Is.GreaterThan(Threads * 10));
        Assert.That(database.Check().IsOk);
        Assert.That(database.Core.LockFile.Readers.Describe(), Is.Empty);
    }

    /// <summary>A tree that is filled more and more, and dropped again and again.</summary>
    private static void ChangeBallast(Database database, WriteTransaction transaction, int number)
    {
        const int Period = 20;
        var tree = database.GetTree("ballast");
        if (number % Period == Period - 1)
        {
            transaction.TryDropTree(tree);
        }
        else if (number % Period < 10)
        {
            transaction.CreateTree(tree.Name);
            for (var i = 0; i < Math.Min(number / 4, 100); i++)
            {
                transaction[tree].Put(Sample.Key((number * 100) + i), Sample.Bytes(i % 25 == 0 ? 30_000 : 500, i));
            }
        }
    }
}
