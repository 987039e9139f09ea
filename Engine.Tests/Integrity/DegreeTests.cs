using System.Buffers.Binary;
using Engine.Integrity;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Integrity;

/// <summary>A check by several threads: they do work together, and nobody can tell from what it says.</summary>
public sealed class DegreeTests
{
    private const byte LeafKind = 1;

    [Test]
    public void Check_WithSeveralThreads_ReadsLeavesOnAllOfThem()
    {
        // Each waits at its first leaf until all have come to one.
        using var arrived = new CountdownEvent(AnyDegree.Several);
        using var knows = new ThreadLocal<bool>();
        var reader = new WatchedReader(Large().File, page =>
        {
            if (page[4] != LeafKind || knows.Value)
                return;
            knows.Value = true;
            arrived.Signal();
            Assert.That(arrived.Wait(Patience.Limit));
        });

        var report = IntegrityCheck.Run(reader, Several());

        Assert.That(report.IsOk, report.ToString());
        Assert.That(arrived.IsSet);
    }

    [Test]
    public void Check_WithOneThread_ReadsEverythingOnTheCallingOne()
    {
        var caller = Environment.CurrentManagedThreadId;
        var others = 0;
        var reader = new WatchedReader(
            Large().File, _ => others += Environment.CurrentManagedThreadId == caller ? 0 : 1);

        Assert.That(IntegrityCheck.Run(reader).IsOk);

        Assert.That(others, Is.Zero);
    }

    [Test]
    public void Check_OfASoundFile_ReportsTheSameAtAnyDegree([Values(256, 512, 4096)] int pageSize)
    {
        var report = AnyDegree.Check(Large(pageSize).File);

        Assert.That(report.IsOk, report.ToString());
        Assert.That(report.Trees, Is.EqualTo(3));
    }

    [Test]
    public void Check_OfManyDamagedLeaves_KeepsTheFirstProblemsOfOneThread([Values(0, 3, 1000)] int maximum)
    {
        var image = Large();
        var leaves = image.Pages.Where(page => page.Kind == LeafKind).ToArray();
        for (var i = 0; i < leaves.Length; i += 7)
            image.Page(leaves[i].Number)[250] ^= 1;

        var report = AnyDegree.Check(degree => IntegrityCheck.Run(
            new MemoryPageReader(image.File),
            new IntegrityCheckOptions { MaxDegreeOfParallelism = degree, MaximumProblems = maximum }));

        Assert.That(report.ProblemCount, Is.GreaterThan(10));
        Assert.That(report.Problems, Has.Count.EqualTo(Math.Min(maximum, report.ProblemCount)));
    }

    [Test]
    public void Check_OfPagesThatAreReferencedTwice_ReportsTheSecondReferencesOfOneThread()
    {
        var random = new Random(5);
        var image = Large();
        var leaves = image.Pages.Where(page => page.Kind == LeafKind).Select(page => page.Number).ToArray();
        var branches = image.Pages.Where(page => page.Kind == 2 && image.Page(page.Number)[5] == 1).ToArray();
        for (var run = 0; run < 20; run++)
        {
            var damaged = image.Clone();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var branch = damaged.Page(branches[random.Next(branches.Length)].Number);
                var count = BinaryPrimitives.ReadUInt16LittleEndian(branch[24..]);
                var reference = branch[(32 + 4 * count + 12 * random.Next(count))..];
                BinaryPrimitives.WriteUInt64LittleEndian(reference, leaves[random.Next(leaves.Length)]);
            }

            damaged.Mend();

            var report = AnyDegree.Check(damaged.File);

            Assert.That(report.Problems.Select(problem => problem.Rule), Has.Member(IntegrityRules.PageUsedTwice));
        }
    }

    [Test, Sampled("seed", 2)]
    public void Check_OfARandomDatabase_ReportsTheSameAtAnyDegree([Values(1, 2, 3, 4)] int seed)
    {
        using var directory = new TempDirectory();
        var random = new Random(seed);
        var options = new DatabaseOptions { PageSize = 256 << (2 * random.Next(3)), AllowTestPageSizes = true };
        using (var database = Database.Open(directory.DatabasePath, options))
        {
            for (var commit = 0; commit < 12; commit++)
            {
                using (var transaction = database.BeginWrite())
                {
                    for (var change = 0; change < 150; change++)
                        Change(database, transaction, random);
                    transaction.Commit();
                }

                if (random.Next(3) == 0)
                    database.CreateSnapshot($"name-{commit}");
                var report = AnyDegree.Check(
                    degree => database.Check(new IntegrityCheckOptions { MaxDegreeOfParallelism = degree }));
                Assert.That(report.IsOk, report.ToString());
                Assert.That(report.Entries, Is.GreaterThan(0));
            }
        }

        // And as it is found on disk, and after something was damaged there.
        var file = File.ReadAllBytes(directory.DatabasePath);
        Assert.That(AnyDegree.Check(file).IsOk);
        var found = 0;
        for (var run = 0; run < 100; run++)
        {
            var at = random.Next(16384, file.Length);
            var bit = (byte)(1 << random.Next(8));
            file[at] ^= bit;
            found += AnyDegree.Check(file).IsOk ? 0 : 1;
            file[at] ^= bit;
        }

        Assert.That(found, Is.GreaterThan(10));
    }

    [Test]
    public void Check_WhenCancelledMeanwhile_ThrowsAndReadsNoMore([Values(1, AnyDegree.Several)] int degree)
    {
        using var source = new CancellationTokenSource();
        var reads = 0;
        var reader = new WatchedReader(Large().File, _ =>
        {
            if (Interlocked.Increment(ref reads) == 40)
                source.Cancel();
        });

        var thrown = Assert.Catch<OperationCanceledException>(() => IntegrityCheck.Run(
            reader, new IntegrityCheckOptions { MaxDegreeOfParallelism = degree }, source.Token))!;

        Assert.That(thrown.CancellationToken, Is.EqualTo(source.Token));
        Assert.That(reads, Is.GreaterThanOrEqualTo(40));
        var then = reads;
        Thread.Sleep(20);
        Assert.That(reads, Is.EqualTo(then), "no thread is left");
    }

    [Test]
    public void Check_WithSeveralThreads_ReportsProgressOnTheCallingOne([Values] bool isDamaged)
    {
        var image = Large(entries: 40_000);
        if (isDamaged)
            image.Page(image.Pages.Last(page => page.Kind == LeafKind).Number)[250] ^= 1;
        var progress = new List<IntegrityProgress>();
        var threads = new HashSet<int>();
        var options = new IntegrityCheckOptions
        {
            MaxDegreeOfParallelism = AnyDegree.Several,
            Progress = at =>
            {
                progress.Add(at);
                threads.Add(Environment.CurrentManagedThreadId);
            },
        };

        var report = IntegrityCheck.Run(new MemoryPageReader(image.File), options);

        Assert.That(report.IsOk, Is.Not.EqualTo(isDamaged));
        Assert.That(progress, Is.Not.Empty);
        Assert.That(threads, Is.EqualTo([Environment.CurrentManagedThreadId]));
        Assert.That(progress.Select(at => at.PagesChecked), Is.Ordered.And.Unique);
        Assert.That(progress.Select(at => at.PageCount), Is.All.EqualTo(report.PageCount));
        Assert.That(progress[^1].PagesChecked, Is.LessThanOrEqualTo(report.PageCount));
    }

    [Test]
    public void Check_WhenAProgressCallbackThrows_ThrowsThatAndReadsNoMore()
    {
        var reads = 0;
        var reader = new WatchedReader(Large(entries: 40_000).File, _ => Interlocked.Increment(ref reads));
        var options = new IntegrityCheckOptions
        {
            MaxDegreeOfParallelism = AnyDegree.Several,
            Progress = _ => throw new InvalidOperationException("enough"),
        };

        Assert.That(() => IntegrityCheck.Run(reader, options), Throws.InvalidOperationException);

        var then = reads;
        Thread.Sleep(20);
        Assert.That(reads, Is.EqualTo(then), "no thread is left");
    }

    [Test]
    public void Check_WhenALeafCannotBeRead_ThrowsWhatTheReaderThrows()
    {
        var image = Large();
        var broken = image.Pages.Last(page => page.Kind == LeafKind).Number;
        var reader = new WatchedReader(image.File, page =>
        {
            if (BinaryPrimitives.ReadUInt64LittleEndian(page[8..]) == broken)
                throw new IOException("Input/output error");
        });

        Assert.That(() => IntegrityCheck.Run(reader, Several()), Throws.InstanceOf<IOException>());
    }

    [Test]
    public void Check_WhenFileIsCutShortMeanwhile_ReportsItLikeOneThread()
    {
        var image = Large();
        var cut = image.Pages.Last(page => page.Kind == LeafKind).Number;

        var report = AnyDegree.Check(degree => IntegrityCheck.Run(
            new WatchedReader(image.File, page =>
            {
                if (BinaryPrimitives.ReadUInt64LittleEndian(page[8..]) == cut)
                    throw new DatabaseCorruptException("The file is shorter than it was.");
            }),
            new IntegrityCheckOptions { MaxDegreeOfParallelism = degree }));

        Assert.That(report.Problems.Single().Rule, Is.EqualTo(IntegrityRules.FileLength));
    }

    [Test]
    public void Check_OfAWrongDegree_Throws([Values(0, -2, int.MinValue)] int degree)
    {
        using var directory = new TempDirectory();
        using var database = Database.Open(directory.DatabasePath);
        var options = new IntegrityCheckOptions { MaxDegreeOfParallelism = degree };
        Assert.That(() => database.Check(options), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Check_WithAllProcessors_Passes()
    {
        var options = new IntegrityCheckOptions { MaxDegreeOfParallelism = -1 };
        Assert.That(IntegrityCheck.Run(new MemoryPageReader(Large().File), options).IsOk);
    }

    private static IntegrityCheckOptions Several() => new() { MaxDegreeOfParallelism = AnyDegree.Several };

    /// <summary>Trees of several levels with many leaves, some of whose values lie in runs.</summary>
    private static TestImage Large(int pageSize = 256, int entries = 4000)
    {
        var builder = new ImageBuilder(pageSize) { OldestBirth = 7 };
        builder.Default.InlineLimit = 20;
        builder.Default.Fill(entries).Put("key-00003", new string('o', 30)).Put("key-00017", new string('o', 5000));
        builder.Tree("one").Fill(300);
        builder.Tree("two").Fill(3);
        return builder.Build();
    }

    private static void Change(Database database, WriteTransaction transaction, Random random)
    {
        var key = new byte[random.Next(1, 12)];
        random.NextBytes(key);
        var value = new byte[random.Next(40) == 0 ? random.Next(3000) : random.Next(30)];
        switch (random.Next(8))
        {
            case 0:
                transaction[transaction.CreateTree($"tree-{random.Next(4)}")].Put(key, value);
                break;
            case 1:
                transaction[transaction.CreateTree("counted", TreeOptions.Counted)].Put(key, value);
                break;
            case 2:
                transaction[transaction.CreateMultiTree("pairs")].Add(key.AsSpan(0, 1), key);
                break;
            case 3:
                transaction[transaction.CreateExpiringTree("sessions")].Put(
                    key, value, TimeSpan.FromDays(random.Next(1, 100)));
                break;
            case 4:
                transaction.Main.DeleteRange(key.AsSpan(0, 1), [key[0], 4]);
                break;
            default:
                transaction.Main.Put(key, value);
                break;
        }
    }

    /// <summary>Reads an image in memory, and shows each read to somebody, on the thread that reads.</summary>
    private sealed class WatchedReader(byte[] bytes, SpanAction watch) : IPageReader
    {
        public long Length => bytes.Length;

        public void Read(long offset, Span<byte> destination)
        {
            bytes.AsSpan(checked((int)offset), destination.Length).CopyTo(destination);
            watch(destination);
        }
    }

    private delegate void SpanAction(ReadOnlySpan<byte> page);
}
