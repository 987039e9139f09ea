using System.Buffers.Binary;
using Engine.Pages;
using Engine.Space;

namespace Engine.Tests.Space;

public class SpaceManagerTests
{
    private const ulong First = 4;

    private SpaceManager _space = null!;
    private ulong _id;

    [SetUp]
    public void SetUp()
    {
        _space = Open(Meta.Initial(4096));
        _id = 1;
    }

    [Test]
    public void Take_InANewDatabase_GrowsFromTheFirstPage()
    {
        Begin();

        Assert.That(_space.TakeRun(3), Is.EqualTo(new Extent(First, 3)));
        Assert.That(Leaves(2), Is.EqualTo(new[] { new Extent(First + 3, 2) }));
        Assert.That(_space.PageCount, Is.EqualTo(First + 5));
    }

    [Test]
    public void Seal_OfGrowthAlone_LogsNothing()
    {
        Begin();
        Leaves(5);

        Assert.That(_space.Seal().LogHead.Length, Is.Zero);
    }

    [Test]
    public void Seal_WritesTheDocumentedBytes()
    {
        Commit(() => Leaves(10));
        Commit(() => _space.Free(new Extent(First + 2, 3), 2));
        _space.ReleaseUnheld([_id]);
        Begin();
        Leaves(2);
        _space.Free(new Extent(First, 1), 2);

        // Transaction 3 freed 3 pages of transaction 2; 4 takes two of them and frees one of transaction 2.
        Assert.That(
            _space.Seal().LogHead.ToArray(), Is.EqualTo(new byte[] { 1, 3, 2, 6, 3, 1, 1, 4, 3, 6, 2, 2, 4, 1, 2 }));
    }

    [Test]
    public void Free_OfAnOwnPage_MakesItReusableAtOnceAndLogsNothing()
    {
        Commit(() => Leaves(10));
        var before = Commit(() => _space.Free(new Extent(First + 5, 4), 2)).LogHead.Length;
        _space.ReleaseUnheld([_id]);
        Begin();
        var run = _space.TakeRun(4);
        _space.Free(run, _id);

        Assert.That(_space.TakeRun(4), Is.EqualTo(run));
        _space.Free(run, _id);
        Assert.That(_space.Seal().LogHead.Length, Is.EqualTo(before));
        _space.Publish();
        Assert.That(_space.ReusablePages, Is.EqualTo(4));
    }

    [Test]
    public void Free_OfOwnGrowth_IsLoggedAsFreeOfAnySnapshot()
    {
        Begin();
        var run = _space.TakeRun(4);
        Leaves(1);
        _space.Free(run, _id);

        Assert.That(_space.Seal().LogHead.ToArray(), Is.EqualTo(new byte[] { 1, 2, 2, 4, 4, 0 }));
    }

    [Test]
    public void Free_OfAPublishedPage_WaitsForThePin()
    {
        Commit(() => Leaves(10));
        Commit(() => _space.Free(new Extent(First, 10), 2));

        Assert.That((_space.ReusablePages, _space.PendingPages), Is.EqualTo((0UL, 10UL)));
        _space.ReleaseUnheld([2, 3]);
        Assert.That(_space.PendingPages, Is.EqualTo(10), "2 is held");
        _space.ReleaseUnheld([3]);
        Assert.That((_space.ReusablePages, _space.PendingPages), Is.EqualTo((10UL, 0UL)));
    }

    [TestCase(3UL, 1UL, 2UL, Description = "the reserved area")]
    [TestCase(13UL, 2UL, 2UL, Description = "beyond the end")]
    [TestCase(14UL, 1UL, 2UL)]
    [TestCase(4UL, 0UL, 2UL, Description = "no pages")]
    [TestCase(4UL, ulong.MaxValue, 2UL)]
    [TestCase(4UL, 1UL, 0UL, Description = "birth 0")]
    [TestCase(4UL, 1UL, 5UL, Description = "from the future")]
    [TestCase(6UL, 1UL, 2UL, Description = "pending")]
    [TestCase(8UL, 1UL, 2UL, Description = "reusable")]
    [TestCase(8UL, 1UL, 4UL, Description = "reusable, but said to be its own")]
    [TestCase(10UL, 3UL, 2UL, Description = "partly freed by this transaction")]
    public void Free_OfPagesThatAreNotInUse_IsCorruption(ulong start, ulong length, ulong birth)
    {
        Commit(() => Leaves(10));
        Commit(() => _space.Free(new Extent(8, 1), 2));
        _space.ReleaseUnheld([_id]);
        _space.ReleaseUnheld([_id]);
        Begin();
        _space.Free(new Extent(6, 1), 2);
        _space.Free(new Extent(12, 1), 2);

        Assert.That(() => _space.Free(new Extent(start, length), birth), Throws.TypeOf<DatabaseCorruptException>());
    }

    [Test]
    public void Abort_AfterSeal_ForgetsTheEntriesAndThePages()
    {
        Commit(() => Leaves(100));
        Commit(() => _space.Free(new Extent(First, 50), 2));
        _space.ReleaseUnheld([_id]);
        Begin();
        var head = _space.Seal().LogHead.ToArray();
        _space.Abort();

        Begin();
        Leaves(70);
        _space.Free(new Extent(First + 60, 5), 2);
        _space.Seal();
        _space.Abort();

        Assert.That(
            (_space.ReusablePages, _space.PendingPages, _space.PageCount), Is.EqualTo((50UL, 0UL, First + 100)));
        Begin();
        Assert.That(_space.Seal().LogHead.ToArray(), Is.EqualTo(head));
    }

    [Test]
    public void RollBackTo_UndoesWhatCameAfter()
    {
        Commit(() => Leaves(20));
        Begin();
        Leaves(3);
        _space.Free(new Extent(First, 1), 2);
        var mark = _space.Mark();
        Leaves(5);
        _space.Free(new Extent(First + 1, 1), 2);
        _space.RollBackTo(mark);

        Assert.That(_space.PageCount, Is.EqualTo(First + 23));
        _space.Free(new Extent(First + 1, 1), 2);
        Assert.That(() => _space.Free(new Extent(First, 1), 2), Throws.TypeOf<DatabaseCorruptException>());
    }

    [Test]
    public void Calls_OutOfOrder_Throw()
    {
        Assert.That(() => _space.Seal(), Throws.InvalidOperationException);
        Assert.That(() => _space.Abort(), Throws.InvalidOperationException);
        Assert.That(() => _space.TakeRun(1), Throws.InvalidOperationException);
        Assert.That(() => _space.Begin(1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Begin();
        Assert.That(() => _space.Begin(9), Throws.InvalidOperationException);
        Assert.That(() => _space.Publish(), Throws.InvalidOperationException);
        _space.Seal();
        Assert.That(() => _space.TakeRun(1), Throws.InvalidOperationException);
        Assert.That(() => _space.Free(new Extent(4, 1), 1), Throws.InvalidOperationException);
        Assert.That(() => _space.Seal(), Throws.InvalidOperationException);
    }

    [Test]
    public void TakeRun_WhenTheTailIsFree_GrowsByTheRestOnly()
    {
        Commit(() => Leaves(100));
        Commit(() => _space.Free(new Extent(First + 95, 5), 2));
        _space.ReleaseUnheld([_id]);
        Begin();

        Assert.That(_space.TakeRun(12), Is.EqualTo(new Extent(First + 95, 12)));
    }

    [Test]
    public void TakeBranches_WithoutAZone_TakesWhatLiesBehindTheLeaves()
    {
        Commit(() => Leaves(100));
        Commit(() =>
        {
            _space.Free(new Extent(First + 10, 2), 2);
            _space.Free(new Extent(First + 20, 5), 2);
        });
        _space.ReleaseUnheld([_id]);
        Begin();
        var branches = new List<Extent>();

        Assert.That(Leaves(3), Is.EqualTo(new[] { new Extent(First + 20, 3) }));
        _space.TakeBranches(2, 2, branches);
        Assert.That(branches, Is.EqualTo(new[] { new Extent(First + 23, 2) }));
    }

    [Test]
    public void Seal_WhenASixteenthAtTheEndIsFree_LowersThePageCount()
    {
        Commit(() => Leaves(396));
        Commit(() => _space.Free(new Extent(381, 19), 2));
        _space.ReleaseUnheld([_id]);
        Assert.That(Commit(() => { }).PageCount, Is.EqualTo(400), "19 pages are less than a sixteenth");
        Commit(() => _space.Free(new Extent(370, 11), 2));
        _space.ReleaseUnheld([_id]);

        var space = Commit(() => { });

        Assert.That(space.PageCount, Is.EqualTo(370));
        Assert.That(space.LogHead.Length, Is.Zero, "nothing is free any more");
        Assert.That(_space.ReusablePages, Is.Zero);
    }

    [Test]
    public void Abort_AfterTheTailWasCutOff_RestoresThePageCount()
    {
        Commit(() => Leaves(400));
        Commit(() => _space.Free(new Extent(First + 360, 40), 2));
        _space.ReleaseUnheld([_id]);
        Begin();

        Assert.That(_space.Seal().PageCount, Is.EqualTo(First + 360));
        _space.Abort();
        Assert.That(_space.PageCount, Is.EqualTo(First + 400));
    }

    [Test]
    public void DeferredCommits_KeepTheirEntriesInTheHeadAndTheDurablePinHoldsItsPages()
    {
        Commit(() => Leaves(50));
        ulong durable = _id;
        for (var i = 0; i < 5; i++)
        {
            // Each replaces one page of the durable state and one of its own.
            Commit(() =>
            {
                _space.Free(new Extent(First + (ulong)i, 1), 2);
                Leaves(1);
            });
            _space.ReleaseUnheld([_id, durable]);
        }

        Assert.That(_space.PendingPages, Is.EqualTo(5));
        Assert.That(_space.ReusablePages, Is.Zero);
        Begin();
        var sealedSpace = _space.Seal();
        _space.Publish();
        _space.ReleaseUnheld([_id]);
        Assert.That(_space.ReusablePages, Is.EqualTo(5));
        var again = Open(SpaceMetas.Create(_id, sealedSpace));
        Assert.That(again.ReusablePages, Is.EqualTo(5));
    }

    [Test]
    public void Seal_WhenTheHeadIsFull_WritesALogPageThatNamesItsContents()
    {
        Commit(() => Leaves(20_000));
        Begin();
        for (ulong i = 0; i < 1000; i++)
        {
            _space.Free(new Extent(First + (i * 7), 1), 2);
        }

        var sealedSpace = _space.Seal();
        var images = sealedSpace.NewLogPages.ToArray();

        Assert.That(images, Is.Not.Empty);
        Assert.That(sealedSpace.LogPage, Is.EqualTo(images[^1].Page));
        Assert.That(sealedSpace.LogPages, Is.EqualTo(images.Length));
        foreach (var image in images)
        {
            Assert.That(image.Bytes.Span[4], Is.EqualTo((byte)PageKind.Log));
            Assert.That(BinaryPrimitives.ReadUInt64LittleEndian(image.Bytes.Span[8..]), Is.EqualTo(image.Page));
            Assert.That(BinaryPrimitives.ReadUInt64LittleEndian(image.Bytes.Span[16..]), Is.EqualTo(_id));
            Assert.That(PageChecksum.Compute(image.Bytes.Span), Is.EqualTo(image.Crc));
            Assert.That(image.Bytes.Span[48], Is.EqualTo((byte)LogTag.Group));
        }
    }

    [Test]
    public void Seal_WhenATreeHasFreedAPageOfTheLog_IsCorruption()
    {
        Commit(() => Leaves(20_000));
        var logPage = Commit(() =>
        {
            for (ulong i = 0; i < 1000; i++)
            {
                _space.Free(new Extent(First + (i * 7), 1), 2);
            }
        }).LogPage;
        _space.ReleaseUnheld([_id]);
        Begin();
        Leaves(1000);
        _space.Free(new Extent(logPage, 1), _id - 1);

        // Hardly anything is free any more, so the log is condensed, which frees its page as well.
        Assert.That(
            () => _space.Seal(), Throws.TypeOf<DatabaseCorruptException>().With.Property("Page").EqualTo(logPage));
        _space.Abort();
        Assert.That(_space.ReusablePages, Is.EqualTo(1000));
    }

    [Test]
    public void Log_OfManySmallCommits_StaysShort()
    {
        Commit(() => Leaves(1000));
        var pages = Enumerable.Range((int)First, 1000).Select(static page => (Page: (ulong)page, Birth: 2UL)).ToArray();
        var random = new Random(1);
        var logPages = 0;
        for (var i = 0; i < 5000; i++)
        {
            var index = random.Next(pages.Length);
            var sealedSpace = Commit(() =>
            {
                _space.Free(new Extent(pages[index].Page, 1), pages[index].Birth);
                pages[index] = (Leaves(1)[0].Start, _id);
            });
            logPages += sealedSpace.NewLogPages.Length;
            _space.ReleaseUnheld([_id]);
        }

        Assert.That(logPages, Is.Zero, "the condensed log always fits the head");
        Assert.That(_space.PageCount, Is.LessThan(First + 1000 + 10));
    }

    /// <summary>Of what is free, no two pages lie together.</summary>
    [TestCase(25UL, 0UL, Description = "twice as many are free")]
    [TestCase(26UL, 26UL, Description = "afterwards fewer would be free than are taken")]
    [TestCase(60UL, 60UL)]
    [TestCase(500UL, 450UL, Description = "what is free is hardly worth it")]
    [TestCase(7UL, 0UL, Description = "a small transaction")]
    public void TakeLeaves_OfALargeTransaction_LeavesShortRunsWhileThereIsLittleRoom(ulong pages, ulong growth)
    {
        _space = Open(Meta.Initial(4096), SpaceTuning.Default);
        Commit(() => Leaves(101));
        Commit(() =>
        {
            for (ulong i = 0; i < 50; i++)
            {
                _space.Free(new Extent(First + (2 * i), 1), 2);
            }
        });
        _space.ReleaseUnheld([_id]);
        Begin();
        var count = _space.PageCount;

        Leaves(pages);
        Assert.That(_space.PageCount - count, Is.EqualTo(growth));
        _space.Abort();

        _space.AvoidGrowth = true;
        Begin();
        Leaves(Math.Min(pages, 50));
        Assert.That(_space.PageCount, Is.EqualTo(count), "a disk that is full has its pages used");
    }

    [Test]
    public void Release_OfALargeBucket_IsSpreadOverCommitsAndHurriedBeforeTheFileGrows()
    {
        Commit(() => Leaves(50_000));
        for (ulong i = 0; i < 10; i++)
        {
            Commit(() =>
            {
                for (ulong k = 0; k < 1000; k++)
                {
                    _space.Free(new Extent(First + (3 * ((i * 1000) + k)), 1), 2);
                }
            });
            _space.ReleaseUnheld([2, _id]);
        }

        Assert.That(_space.PendingPages, Is.EqualTo(10_000));
        _space.ReleaseUnheld([_id]);
        Assert.That(_space.ReusablePages, Is.EqualTo(4096));
        Begin();
        var count = _space.PageCount;
        Leaves(9999);
        Assert.That(_space.PageCount, Is.EqualTo(count));
    }

    [Test]
    public void SmallCommits_AllocateNothing()
    {
        Commit(() => Leaves(5000));
        var pages = Enumerable.Range((int)First, 5000).Select(static page => (Page: (ulong)page, Birth: 2UL)).ToArray();
        var random = new Random(1);
        var taken = new List<Extent>();
        var held = new ulong[1];
        long allocated = 0;
        for (var i = 0; i < 6000; i++)
        {
            if (i == 5000)
            {
                allocated = GC.GetAllocatedBytesForCurrentThread();
            }

            _space.Begin(++_id);
            for (var k = 0; k < 3; k++)
            {
                var index = random.Next(pages.Length);
                if (pages[index].Birth == _id)
                {
                    continue;
                }

                _space.Free(new Extent(pages[index].Page, 1), pages[index].Birth);
                taken.Clear();
                _space.TakeLeaves(1, taken);
                pages[index] = (taken[0].Start, _id);
            }

            _space.Seal();
            _space.Publish();
            held[0] = _id;
            _space.ReleaseUnheld(held);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - allocated, Is.LessThan(10_000));
    }

    /// <summary>With no room for large transactions, unless it is asked for.</summary>
    private static SpaceManager Open(Meta meta, SpaceTuning? tuning = null) => SpaceManager.Open(
        meta, 4096, static _ => throw new InvalidOperationException(), [], tuning ?? new() { ShortRun = 1 });

    private void Begin() => _space.Begin(++_id);

    private SealedSpace Commit(Action change)
    {
        Begin();
        change();
        var result = _space.Seal();
        _space.Publish();
        return result;
    }

    private List<Extent> Leaves(ulong pages)
    {
        var taken = new List<Extent>();
        _space.TakeLeaves(pages, taken);
        return taken;
    }
}
