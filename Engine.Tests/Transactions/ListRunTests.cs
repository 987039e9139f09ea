using Engine.Pages;
using Engine.Space;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>Commits whose run list is too long for the meta: it has pages of its own until the next commit.</summary>
public class ListRunTests
{
    private const int Entries = 60_000;

    private FaultStorage _storage = null!;

    [SetUp]
    public void MakeStorage()
    {
        _storage = new FaultStorage();
        using var database = Open();
        Sample.Fill(database, 0, Entries, 100);
    }

    [TearDown]
    public void DisposeStorage()
    {
        _storage.Dispose();
    }

    [Test]
    public void Commit_OfManyScatteredPages_IsVerified_AndTheNextOneFreesItsList()
    {
        using var database = Open();
        Scatter(database, 1);
        Scatter(database, 2);
        var meta = Newest();
        Assert.That(meta.Class, Is.EqualTo(CommitClass.Verified));
        Assert.That(meta.RunCount, Is.GreaterThan(300));
        Assert.That(meta.ListRun.Birth, Is.EqualTo(meta.Id));
        Assert.That(database.GetStatistics().ListPages, Is.Positive);
        RequireSound(database);

        Sample.Put(database, "a"u8, "1"u8);
        Assert.That(Newest().ListRun, Is.EqualTo(default(OverflowReference)));
        Assert.That(database.GetStatistics().ListPages, Is.Zero);
        RequireSound(database);
    }

    [Test]
    public void Close_AfterSuchACommit_KeepsTheListUntilTheNextCommit()
    {
        OverflowReference list;
        using (var database = Open())
        {
            Scatter(database, 1);
            Scatter(database, 2);
            list = Newest().ListRun;
        }

        var settled = Newest();
        Assert.That((settled.Class, settled.RunCount), Is.EqualTo((CommitClass.Ordered, 0)));
        Assert.That(settled.ListRun, Is.EqualTo(list).And.Not.EqualTo(default(OverflowReference)));
        using var again = Open();
        Assert.That(again.Core.RecoveryReport, Is.Null, "it was closed in order");
        RequireSound(again);
        Sample.Put(again, "a"u8, "1"u8);
        RequireSound(again);
        Assert.That(Newest().ListRun, Is.EqualTo(default(OverflowReference)));
    }

    [Test]
    public void DeferredCommits_AfterSuchACommit_FreeItsListOnce()
    {
        using var database = Open();
        Scatter(database, 1);
        Scatter(database, 2);
        for (var i = 0; i < 3; i++)
        {
            using var transaction = database.BeginWrite();
            transaction.Main.Put(Sample.Key(i), "deferred"u8);
            transaction.Commit(CommitMode.Deferred);
        }

        Assert.That(database.GetStatistics().ListPages, Is.Zero);
        database.Flush();
        RequireSound(database);
    }

    [Test]
    public void AbortedTransaction_LeavesTheListWhereItIs()
    {
        using var database = Open();
        Scatter(database, 1);
        Scatter(database, 2);
        var pages = database.GetStatistics().ListPages;
        using (var transaction = database.BeginWrite())
        {
            transaction.Main.Put("a"u8, "1"u8);
        }

        Assert.That(database.GetStatistics().ListPages, Is.EqualTo(pages));
        RequireSound(database);
    }

    /// <summary>With no room for what is scattered.</summary>
    private Database Open() => Database.Open(
        _storage,
        new DatabaseOptions
        {
            PageSize = 4096,
            FlushInterval = Timeout.InfiniteTimeSpan,
            Space = new SpaceTuning { ShortRun = 1 },
        });

    /// <summary>Changes an entry in every second leaf.</summary>
    private static void Scatter(Database database, int round)
    {
        using var transaction = database.BeginWrite();
        for (var i = 0; i < Entries; i += 64)
        {
            transaction.Main.Put(Sample.Key(i), Sample.Bytes(100, i + round));
        }

        transaction.Commit();
    }

    private static void RequireSound(Database database)
    {
        var report = database.Check();
        Assert.That(report.IsOk, report.ToString());
    }

    private Meta Newest() => Metas.Newest(_storage);
}
