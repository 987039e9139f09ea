using System.Globalization;
using Engine.Pages;
using Engine.Storage;
using Engine.Tests.Infrastructure;
using Engine.Tests.Storage;

namespace Engine.Tests.Processes;

/// <summary>
/// What a durable commit of one key costs: its path, one meta block, now and then a log page, and one flush.
/// </summary>
[Category(Categories.Process), NonParallelizable]
public class FlushCountTests
{
    private const int Entries = 100_000;
    private const int PageSize = 4096;
    private const int FirstPage = 16384;

    [Test]
    public void OneKeyCommit_InALargeTree_WritesItsPathAndOneMetaBlock_AndFlushesOnce([Values] bool inserts)
    {
        const int Commits = 1000;
        var memory = new MemoryStorage();
        var storage = new CountingStorage(memory);
        using var database = Database.Open(storage, new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan });
        using var file = memory.OpenFile(writable: false);
        Sample.Fill(database, 0, Entries, 100);
        var depth = database.GetStatistics().Main.Depth;
        Assert.That(depth, Is.GreaterThanOrEqualTo(3));
        var random = new Random(1);
        var (logPages, splits, shifts, writes) = (0, 0, 0, 0);
        for (var i = 0; i < Commits; i++)
        {
            var before = database.GetStatistics();
            storage.Counts.Reset();
            Sample.Put(
                database,
                inserts ? [.. Sample.Key(random.Next(Entries)), 1] : Sample.Key(random.Next(Entries)),
                Sample.Bytes(100, i));
            var counts = (
                storage.Counts.Flushes,
                Meta: storage.Counts.Writes.Where(write => write.Offset < FirstPage).ToArray(),
                storage.Counts.Writes,
                storage.Counts.ReadBytes);
            var after = database.GetStatistics();
            var split = (int)(after.TreePages - before.TreePages);
            var pages = counts.Writes.Where(write => write.Offset >= FirstPage).Sum(write => write.Length) / PageSize;

            Assert.That(counts.Flushes, Is.EqualTo(1));
            Assert.That(counts.Meta.Single().Length, Is.EqualTo(4096));
            Assert.That(counts.Meta.Single().Offset, Is.EqualTo(4096).Or.EqualTo(8192));
            Assert.That(counts.ReadBytes, Is.Zero);
            var log = counts.Writes.Where(write => write.Offset >= FirstPage).Sum(
                write => LogPages(file, write.Offset, write.Length));

            // A full leaf is split, or shares its entries with a neighbour, which is written too then.
            var shift = pages - depth - split - log;
            Assert.That(shift, Is.InRange(0, inserts && split == 0 ? 1 : 0));
            logPages += log;
            shifts += shift;
            splits += split;
            writes += counts.Writes.Count;
        }

        TestContext.Out.WriteLine(
            $"{Commits} commits in {depth} levels: {(double)writes / Commits} writes each, {logPages} log pages, "
            + $"{splits} splits, {shifts} shared with a neighbour");
        Assert.That(logPages, Is.LessThan(Commits / 20), "log pages are rare");
        Assert.That((double)writes / Commits, Is.LessThan(4), "leaf, branches, meta");
    }

    [Test]
    public void LargeValues_OfATransactionOfMany_AreWrittenInLongPieces([Values(5, 17, 40)] int pages)
    {
        const int Values = 120;
        var storage = new CountingStorage(new MemoryStorage());
        using var database = Database.Open(storage, new DatabaseOptions());
        storage.Counts.Reset();
        using (var transaction = database.BeginWrite())
        {
            for (var i = 0; i < Values; i++)
            {
                transaction.Main.Put(Sample.Key(i * 7 % Values), Sample.Bytes((pages * PageSize) - 100, i));
            }

            transaction.Commit();
        }

        var megabytes = Values * pages * PageSize / (1024 * 1024);
        Assert.That(storage.Counts.Writes.Max(write => write.Length), Is.InRange(900_000, 1024 * 1024));
        Assert.That(storage.Counts.Writes, Has.Count.InRange(megabytes, (2 * megabytes) + 70));
        var entries = Sample.ReadAll(database)[string.Empty];
        for (var i = 0; i < Values; i++)
        {
            Sample.AssertBytes(entries[Sample.Key(i * 7 % Values)], Sample.Bytes((pages * PageSize) - 100, i));
        }
    }

    [Test]
    public void LargeValues_ThatLieTogether_AreWrittenTogether([Values(1, 5, 17, 40)] int pages)
    {
        const int Values = 60;
        var storage = new CountingStorage(new MemoryStorage());
        using var database = Database.Open(storage, new DatabaseOptions { EarlyValueMemory = long.MaxValue });
        storage.Counts.Reset();
        using (var transaction = database.BeginWrite())
        {
            for (var i = 0; i < Values; i++)
            {
                // In descending order, so that they lie together in the file only.
                transaction.Main.Put(Sample.Key(Values - i), Sample.Bytes((pages * PageSize) - 100, i));
            }

            transaction.Commit();
        }

        var perWrite = Math.Max(1, 16 / pages);
        var piecesOfOne = (pages + 15) / 16;
        Assert.That(
            storage.Counts.Writes,
            Has.Count.InRange(
                (Values + perWrite - 1) / perWrite * piecesOfOne,
                ((Values + perWrite - 1) / perWrite * piecesOfOne) + 8));
        Assert.That(storage.Counts.Writes.Max(write => write.Length), Is.LessThanOrEqualTo(64 * 1024));
        var entries = Sample.ReadAll(database)[string.Empty];
        for (var i = 0; i < Values; i++)
        {
            Sample.AssertBytes(entries[Sample.Key(Values - i)], Sample.Bytes((pages * PageSize) - 100, i));
        }
    }

    private static int LogPages(IStorageFile file, long offset, int length)
    {
        Span<byte> bytes = new byte[length];
        file.Read(offset, bytes);
        var pages = 0;
        for (var page = 0; page < length; page += PageSize)
        {
            pages += bytes[page + PageLayout.KindOffset] == (byte)PageKind.Log ? 1 : 0;
        }

        return pages;
    }

    [Test]
    public void LargeCommit_FlushesPagesThenMeta()
    {
        var storage = new CountingStorage(new MemoryStorage());
        using var database = Database.Open(storage, new DatabaseOptions());
        storage.Counts.Reset();
        Sample.Fill(database, 0, Entries, 200);
        Assert.That(storage.Counts.Flushes, Is.EqualTo(2));
        Assert.That(storage.Counts.Writes[^1].Offset, Is.EqualTo(4096).Or.EqualTo(8192), "the meta comes last");
        Assert.That(
            storage.Counts.Writes.Max(write => write.Length), Is.EqualTo(256 * 1024), "they lie together in memory");
        var pages = storage.Counts.Writes.Sum(write => (long)write.Length) / PageSize;
        Assert.That(
            pages,
            Is.InRange(database.GetStatistics().TreePages, database.GetStatistics().TreePages + 2),
            "each page is written once");
    }

    [Test]
    public void OneKeyCommit_AsTheKernelSeesIt_IsOneFdatasyncAndAFewWrites()
    {
        const int Commits = 40;
        Machine.Need("strace", "-o", "/dev/null", "true");
        using var directory = new TempDirectory();
        var path = directory.DatabasePath;
        using (var database = Database.Open(path))
        {
            Sample.Fill(database, 0, Entries, 100);
        }

        var few = Trace(directory, path, 1);
        var many = Trace(directory, path, 1 + Commits);
        TestContext.Out.WriteLine(
            string.Join(
                '\n',
                many.Keys.Union(few.Keys).Select(
                    call => $"{call}: {few.GetValueOrDefault(call)}, {many.GetValueOrDefault(call)}")));

        Assert.That(many.GetValueOrDefault("fdatasync") - few.GetValueOrDefault("fdatasync"), Is.EqualTo(Commits));
        string[] writes = ["pwrite64", "pwritev"];
        Assert.That(
            writes.Sum(call => many.GetValueOrDefault(call) - few.GetValueOrDefault(call)),
            Is.InRange(2 * Commits, 4 * Commits));
        Assert.That(
            many.Keys.Except([.. writes, "fdatasync", "ftruncate"]), Is.Empty, "nothing else writes or flushes");
        Assert.That(many.GetValueOrDefault("ftruncate"), Is.LessThanOrEqualTo(3));
    }

    /// <summary>
    /// Opens the database in a traced process, overwrites one key per commit, closes it. Counts the calls on the file.
    /// </summary>
    private static Dictionary<string, int> Trace(TempDirectory directory, string path, int commits)
    {
        var trace = directory.File("trace");
        using (var helper = HelperProcess.Start(
            "strace",
            "-f",
            "-qq",
            "-o",
            trace,
            "--trace=pwrite64,pwritev,pwritev2,write,fdatasync,fsync,msync,sync_file_range,ftruncate",
            "-P",
            path))
        {
            helper.Do($"db-open {path}");
            helper.Do(string.Create(CultureInfo.InvariantCulture, $"db-overwrite {commits} {Entries}"));
            helper.Do("db-close");
            helper.End();
        }

        return File.ReadAllLines(trace)
            .Where(
                line =>
                    line.Contains('(', StringComparison.Ordinal) && !line.Contains("resumed", StringComparison.Ordinal))
            .Select(line => line[..line.IndexOf('(', StringComparison.Ordinal)].Split(' ')[^1])
            .GroupBy(call => call).ToDictionary(group => group.Key, group => group.Count());
    }
}
