using Engine.Pages;
using Engine.Storage;
using Engine.Tests.Infrastructure;
using Engine.Transactions;

namespace Engine.Tests.Transactions;

/// <summary>
/// Before a page is written there is room for it, and what was verified there before is forgotten. Without that, pages
/// in the middle of an overflow value, which hold what a user gave, would count as the tree pages that were verified
/// under their numbers before: a file in which something still refers to these would have them read unseen.
/// </summary>
public class PageFileTests
{
    private const int PageSize = 4096;

    private readonly MemoryStorage _storage = new();
    private readonly PageArena _arena = new(PageSize);
    private readonly VerifiedPages _verified = new(rememberCrcs: false);
    private IStorageFile _file = null!;
    private PageFile _pages = null!;

    [OneTimeSetUp]
    public void Open()
    {
        _file = _storage.CreateTemporary();
        var growth = new FileGrowth(_file, PageSize, borrowed: 0, holesAreFree: true);
        _pages = new PageFile(_file, growth, _verified, PageSize);
        _verified.Ensure(64);
    }

    [OneTimeTearDown]
    public void Close()
    {
        _file.Dispose();
        _storage.Dispose();
        _arena.Dispose();
    }

    [Test]
    public void Prepare_MakesRoom_AndForgetsEveryPageOfARun()
    {
        for (ulong page = 20; page < 26; page++)
        {
            _verified.Mark(page, 0);
        }

        _pages.Prepare([new(21, 3, 0)], 64);

        Assert.That(_file.Length, Is.GreaterThanOrEqualTo(64 * PageSize));
        Assert.That(Verified(20, 26), Is.EqualTo(new ulong[] { 20, 24, 25 }));
        _pages.Write(_arena.Allocate(3), 21, 3);
        _pages.MarkWritten([new(21, 3, 0)]);
        Assert.That(
            Verified(20, 26), Is.EqualTo(new ulong[] { 20, 21, 24, 25 }), "of a run only the first page has a header");
    }

    [Test]
    public void Write_OfAPageThatCountsAsVerified_IsRefused([Values(0, 1)] int behind)
    {
        _pages.Prepare([new(40, 2, 0)], 64);
        _verified.Mark((ulong)(40 + behind), 0);
        var page = _arena.Allocate(2);
        var before = Read(40);

        Assert.Throws<InvalidOperationException>(() => _pages.Write(page, 40, 2));
        Assert.That(Read(40), Is.EqualTo(before));
        Assert.Throws<InvalidOperationException>(() => _pages.Write((ulong)(40 + behind), new byte[PageSize]));
    }

    [Test]
    public void Value_OnPagesOfATreeThatWasRead_IsNotTakenForThem([Values(60_000, 600_000)] int length)
    {
        using var database = Database.OpenInMemory(new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan });
        Sample.Fill(database, 0, 40_000);
        Assert.That(
            Sample.ReadAll(database)[string.Empty], Has.Count.EqualTo(40_000), "so that its pages are verified");
        using (var transaction = database.BeginWrite())
        {
            transaction.Main.Clear();
            transaction.Commit();
        }

        var before = database.GetStatistics().PageCount;
        Sample.Put(database, "a"u8, "1"u8);
        Sample.Put(database, "large"u8, new byte[length]);

        Assert.That(database.GetStatistics().PageCount, Is.LessThanOrEqualTo(before), "it lies where the tree was");
        var values = length / PageSize;
        Assert.That(
            Verified(database.Core.VerifiedPages, 4, (ulong)before).Count(),
            Is.LessThanOrEqualTo(before - values),
            "what the user gave does not count as verified");
    }

    private ulong[] Verified(ulong from, ulong to) => [.. Verified(_verified, from, to)];

    private static IEnumerable<ulong> Verified(VerifiedPages verified, ulong from, ulong to)
    {
        for (var page = from; page < to; page++)
        {
            if (verified.HasAny(page, 1))
            {
                yield return page;
            }
        }
    }

    private byte[] Read(ulong page)
    {
        var bytes = new byte[PageSize];
        _file.Read((long)page * PageSize, bytes);
        return bytes;
    }
}
