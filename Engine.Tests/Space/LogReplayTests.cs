using System.Buffers.Binary;
using System.Diagnostics;
using Engine.Pages;
using Engine.Space;

namespace Engine.Tests.Space;

/// <summary>Reading logs that are written byte by byte, after docs/format.md section 9.</summary>
public class LogReplayTests
{
    private const int PageSize = 256;
    private const ulong Newest = 10;
    private const ulong PageCount = 1000;

    private readonly Dictionary<ulong, byte[]> _disk = [];

    [SetUp]
    public void SetUp() => _disk.Clear();

    [Test]
    public void Open_OfAnEmptyLog_HasNothingFree() => Assert.That(Open([]).ReusablePages, Is.Zero);

    [Test]
    public void Open_AppliesEntriesInOrder()
    {
        // Group 5: free 100–109, written by 3. Group 9: allocate 102–103; free 64, written by 9.
        var space = Open([1, 5, 2, 100, 10, 2, 1, 9, 3, 102, 2, 2, 64, 1, 0]);

        Assert.That(Reusable(space), Is.EqualTo(new[] { new Extent(64, 1), new Extent(100, 2), new Extent(104, 6) }));
    }

    [Test]
    public void Open_OfAHeadThatNamesEveryPageAgainAndAgain_EndsSoon()
    {
        const ulong Pages = 1UL << 31;
        var head = new List<byte> { 1, 5 };
        byte[] all = [100, .. Number(Pages - 100)];
        while (head.Count < 2780)
        {
            head.AddRange([2, .. all, 0, 3, .. all]);
        }

        head.AddRange([2, 100, 7, 0]);
        var watch = Stopwatch.StartNew();

        var space = Open(CreateMeta([.. head], 0, 0, 0, Pages));

        Assert.That(Reusable(space), Is.EqualTo(new[] { new Extent(100, 7) }));
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)));
    }

    [Test]
    public void Open_ByExtents_GivesWhatTheBitmapGives([Range(1, 40)] int seed)
    {
        var random = new Random(seed);
        var head = new List<byte> { 1, 5 };
        for (var i = 0; i < 60; i++)
        {
            // An entry that does not fit what is free has to be refused by both, with the same words; it is left out
            // then.
            var sound = head.ToList();
            var isFree = random.Next(2) == 0;
            head.AddRange(
                [
                    isFree ? (byte)2 : (byte)3,
                    .. Number((ulong)random.Next(64, 80 + (seed * 20))),
                    .. Number((ulong)random.Next(1, 6))
                ]);
            if (isFree)
            {
                head.Add((byte)random.Next(5));
            }

            var (direct, byExtents) = (Outcome(null), Outcome(new SpaceTuning { DirectReplayWork = -1 }));
            Assert.That(byExtents, Is.EqualTo(direct));
            if (direct.StartsWith("Database", StringComparison.Ordinal))
            {
                head = sound;
            }
        }

        string Outcome(SpaceTuning? tuning)
        {
            try
            {
                return string.Join(
                    ' ',
                    Reusable(
                        SpaceManager.Open(CreateMeta([.. head], 0, 0, 0), PageSize, page => _disk[page], [], tuning)));
            }
            catch (DatabaseCorruptException e)
            {
                return $"{e.GetType().Name} {e.Message}";
            }
        }
    }

    [Test]
    public void Open_ReadsLongNumbers()
    {
        // 300 = 0xAC 0x02, 200 = 0xC8 0x01.
        var space = Open([1, 5, 2, 0xAC, 0x02, 0xC8, 0x01, 0]);

        Assert.That(Reusable(space), Is.EqualTo(new[] { new Extent(300, 200) }));
    }

    [Test]
    public void Open_WithAReader_HoldsWhatItSees()
    {
        // 100–109 belong to 3 and 4; 200 to 6 … 8; 300 to none.
        byte[] head = [1, 5, 2, 100, 10, 2, 1, 9, 2, 0xC8, 0x01, 1, 3, 2, 0xAC, 0x02, 1, 0];

        Assert.That(Reusable(Open(head, 4)), Is.EqualTo(new[] { new Extent(200, 1), new Extent(300, 1) }));
        Assert.That(
            Reusable(Open(head, 5)), Is.EqualTo(new[] { new Extent(100, 10), new Extent(200, 1), new Extent(300, 1) }));
        Assert.That(Reusable(Open(head, 8, 2)), Is.EqualTo(new[] { new Extent(100, 10), new Extent(300, 1) }));
        Assert.That(Open(head, 4).PendingPages, Is.EqualTo(10));
    }

    [Test]
    public void Open_WithAReader_LooksAtTheLastFreeOfEachPage()
    {
        // 100–109 freed in 5, 103–104 taken by 6 and freed again in 8, written by 6. The reader at 4 sees the rest
        // only.
        byte[] head = [1, 5, 2, 100, 10, 2, 1, 6, 3, 103, 2, 1, 8, 2, 103, 2, 2];

        Assert.That(Reusable(Open(head, 4)), Is.EqualTo(new[] { new Extent(103, 2) }));
        Assert.That(Reusable(Open(head, 7)), Is.EqualTo(new[] { new Extent(100, 3), new Extent(105, 5) }));
    }

    [Test]
    public void Open_WithAReaderThatIsNewerThanTheMeta_IgnoresIt() =>
        Assert.That(Open([], 50).Parts.Pending.Pins.FindBelow(51)?.Id, Is.EqualTo(Newest));

    [TestCase(new byte[] { 0 }, TestName = "Open_OfAnUnknownTag_Throws")]
    [TestCase(new byte[] { 1, 5, 4, 7 }, TestName = "Open_OfAReservedTag_Throws")]
    [TestCase(new byte[] { 2, 100, 1, 0 }, TestName = "Open_WithoutAGroup_Throws")]
    [TestCase(new byte[] { 1, 0 }, TestName = "Open_OfGroupZero_Throws")]
    [TestCase(new byte[] { 1, 11 }, TestName = "Open_OfAGroupNewerThanTheMeta_Throws")]
    [TestCase(new byte[] { 1, 5, 2, 100, 10 }, TestName = "Open_OfAnEntryCutShort_Throws")]
    [TestCase(new byte[] { 1 }, TestName = "Open_OfATagAlone_Throws")]
    [TestCase(new byte[] { 1, 0x80 }, TestName = "Open_OfANumberCutShort_Throws")]
    [TestCase(
        new byte[] { 1, 5, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 1, 0 },
        TestName = "Open_OfANumberBeyond64Bits_Throws")]
    [TestCase(
        new byte[] { 1, 5, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1, 0 },
        TestName = "Open_OfANumberOfElevenBytes_Throws")]
    [TestCase(new byte[] { 1, 5, 2, 63, 1, 0 }, TestName = "Open_OfAReservedPage_Throws")]
    [TestCase(new byte[] { 1, 5, 2, 0xE8, 0x07, 1, 0 }, TestName = "Open_OfAPageBeyondTheEnd_Throws")]
    [TestCase(new byte[] { 1, 5, 2, 0xE7, 0x07, 2, 0 }, TestName = "Open_OfAnExtentBeyondTheEnd_Throws")]
    [TestCase(
        new byte[] { 1, 5, 2, 100, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0 },
        TestName = "Open_OfAnExtentThatOverflows_Throws")]
    [TestCase(new byte[] { 1, 5, 2, 100, 0, 0 }, TestName = "Open_OfAnEmptyExtent_Throws")]
    [TestCase(new byte[] { 1, 5, 2, 100, 1, 5 }, TestName = "Open_OfBirthZero_Throws")]
    [TestCase(new byte[] { 1, 5, 2, 100, 4, 1, 2, 103, 1, 1 }, TestName = "Open_OfAFreePageFreedAgain_Throws")]
    [TestCase(new byte[] { 1, 5, 3, 100, 1 }, TestName = "Open_OfAPageTakenThatIsNotFree_Throws")]
    [TestCase(new byte[] { 1, 5, 2, 100, 4, 1, 3, 103, 2 }, TestName = "Open_OfAnExtentTakenThatIsPartlyFree_Throws")]
    public void Open_OfAMalformedHead_Throws(byte[] head) =>
        Assert.That(() => Open(head), Throws.TypeOf<DatabaseCorruptException>());

    [Test]
    public void Open_ReadsTheChainBeforeTheHead()
    {
        var oldest = Write(100, 3, 0, 0, [1, 3, 2, 200 & 0x7F | 0x80, 1, 50, 1]);
        var newest = Write(101, 7, 100, oldest, [1, 7, 3, 210 & 0x7F | 0x80, 1, 5]);

        var space = Open(CreateMeta([1, 9, 2, 102, 1, 1], 101, newest, 2));

        Assert.That(
            Reusable(space), Is.EqualTo(new[] { new Extent(102, 1), new Extent(200, 10), new Extent(215, 35) }));
    }

    [Test]
    public void Open_OfAChainWithAnotherNumberOfPages_Throws([Values(1u, 3u)] uint pages)
    {
        var oldest = Write(100, 3, 0, 0, [1, 3]);
        var newest = Write(101, 7, 100, oldest, [1, 7]);

        Assert.That(() => Open(CreateMeta([], 101, newest, pages)), Throws.TypeOf<DatabaseCorruptException>());
    }

    [Test]
    public void Open_OfAChainThatFreesItself_Throws()
    {
        var page = Write(100, 3, 0, 0, [1, 3, 2, 100, 1, 1]);

        Assert.That(
            () => Open(CreateMeta([], 100, page, 1)),
            Throws.TypeOf<DatabaseCorruptException>().With.Property("Page").EqualTo(100));
    }

    [Test]
    public void Open_OfAChainWithACycle_Throws()
    {
        // A cycle with right checksums cannot be made; a source that answers wrongly can show one.
        var page = Write(100, 3, 0, 0, [1, 3]);
        Write(100, 3, 100, page, [1, 3]);
        var crc = BinaryPrimitives.ReadUInt32LittleEndian(_disk[100]);

        Assert.That(() => Open(CreateMeta([], 100, crc, 900)), Throws.TypeOf<DatabaseCorruptException>());
    }

    [TestCase(0UL, Description = "inside the reserved area")]
    [TestCase(63UL)]
    [TestCase(1000UL)]
    [TestCase(ulong.MaxValue)]
    public void Open_OfAChainPageOutOfBounds_Throws(ulong previous)
    {
        var page = Write(100, 3, previous, 1, [1, 3]);

        Assert.That(() => Open(CreateMeta([], 100, page, 2)), Throws.TypeOf<DatabaseCorruptException>());
    }

    [Test]
    public void Open_OfAPageWithAWrongHeader_Throws([Values(4, 5, 6, 8, 16, 24, 28, 44)] int offset)
    {
        Write(100, 3, 0, 0, [1, 3]);
        _disk[100][offset] ^= 0xF0;
        var crc = Mend(_disk[100]);

        Assert.That(
            () => Open(CreateMeta([], 100, crc, 1)),
            Throws.TypeOf<DatabaseCorruptException>().With.Property("Page").EqualTo(100));
    }

    [Test]
    public void Open_OfAPageWithAWrongChecksum_Throws([Range(0, 255, 5)] int offset)
    {
        var crc = Write(100, 3, 0, 0, [1, 3]);
        _disk[100][offset] ^= 1;

        Assert.That(
            () => Open(CreateMeta([], 100, crc, 1)),
            Throws.TypeOf<DatabaseCorruptException>().With.Property("Page").EqualTo(100));
    }

    [Test]
    public void Open_OfAPageThatIsOlderThanTheOneBeforeIt_Throws()
    {
        var oldest = Write(100, 8, 0, 0, [1, 3]);
        var newest = Write(101, 7, 100, oldest, [1, 7]);

        Assert.That(() => Open(CreateMeta([], 101, newest, 2)), Throws.TypeOf<DatabaseCorruptException>());
    }

    [Test]
    public void Open_OfMorePagesThanCanBeManaged_Throws() =>
        Assert.That(
            () => Open(CreateMeta([], 0, 0, 0, pageCount: 1UL << 40)), Throws.TypeOf<DatabaseFormatException>());

    /// <summary>
    /// Real logs with random damage, checksums mended or not: an answer or a typed exception, in little time.
    /// </summary>
    [Test]
    public void Open_OfDamagedLogs_ThrowsOrAnswers([Range(0, 9)] int block, [Values] bool mend)
    {
        var tuning = new SpaceTuning { LogHeadLimit = 200, SmallLog = 100_000 };
        var simulation = new SpaceSimulation(block, PageSize, tuning) { MassFreeOneIn = 10_000 };
        for (var i = 0; i < 60 || (simulation.NewestMeta.LogPages < 3 && i < 5000); i++)
        {
            simulation.RunTransaction(10, 8, 5);
        }

        var random = new Random(block);
        var meta = simulation.NewestMeta;
        Assert.That(meta.LogPages, Is.Positive);
        var rejected = 0;
        for (var round = 0; round < 300; round++)
        {
            rejected += Damage(simulation, meta, random, mend) ? 1 : 0;
        }

        Assert.That(rejected, Is.GreaterThan(mend ? 100 : 250));
    }

    private static bool Damage(SpaceSimulation simulation, Meta meta, Random random, bool mend)
    {
        var pages = new Dictionary<ulong, byte[]>();
        var numbers = new List<ulong>();
        for (var page = meta.LogPage; page != 0; page = LogPage.ReadPrevious(pages[page]))
        {
            pages.Add(page, simulation.ReadPage(page).ToArray());
            numbers.Add(page);
        }

        var head = meta.LogHead.ToArray();
        var changes = random.Next(1, 4);
        for (var i = 0; i < changes; i++)
        {
            var index = random.Next(mend ? -1 : 0, numbers.Count);
            var bytes = index < 0 ? head : pages[numbers[index]];
            if (bytes.Length > 0)
            {
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)random.Next(6);
            }
        }

        var crc = meta.LogPageCrc;
        if (mend)
        {
            crc = 0;
            for (var i = numbers.Count - 1; i >= 0; i--)
            {
                var bytes = pages[numbers[i]];
                if (i < numbers.Count - 1)
                {
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(40), crc);
                }

                crc = Mend(bytes);
            }
        }

        var damaged = SpaceMetas.Create(meta.Id, meta.PageCount, meta.LogPage, crc, meta.LogPages, head);
        try
        {
            var space = SpaceManager.Open(
                damaged,
                PageSize,
                page => pages.TryGetValue(page, out var bytes) ? bytes : new byte[PageSize],
                [meta.Id / 2, meta.Id - 1]);
            Assert.That(space.ReusablePages + space.PendingPages, Is.LessThan(meta.PageCount));
            return false;
        }
        catch (DatabaseCorruptException)
        {
            return true;
        }
    }

    private static byte[] Number(ulong number)
    {
        var bytes = new List<byte>();
        for (; number >= 0x80; number >>= 7)
        {
            bytes.Add((byte)(number | 0x80));
        }

        return [.. bytes, (byte)number];
    }

    private static uint Mend(byte[] page)
    {
        var crc = PageChecksum.Compute(page);
        BinaryPrimitives.WriteUInt32LittleEndian(page, crc);
        return crc;
    }

    private uint Write(ulong page, ulong birth, ulong previous, uint previousCrc, byte[] entries)
    {
        var image = new byte[PageSize];
        entries.CopyTo(image, 48);
        LogPage.SetUsed(image, entries.Length);
        _disk[page] = image;
        return LogPage.Seal(image, page, birth, previous, previousCrc);
    }

    private SpaceManager Open(byte[] head, params ulong[] pins) => Open(CreateMeta(head, 0, 0, 0), pins);

    private SpaceManager Open(Meta meta, params ulong[] pins) =>
        SpaceManager.Open(meta, PageSize, page => _disk[page], pins);

    private static Meta CreateMeta(byte[] head, ulong page, uint crc, uint pages, ulong pageCount = PageCount) =>
        SpaceMetas.Create(Newest, pageCount, page, crc, pages, head);

    private static List<Extent> Reusable(SpaceManager space) => space.ListReusable();
}
