using Engine.Pages;
using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Storage;

/// <summary>The file of a fork: what it borrows, what it has of its own, and how long it looks into its base.</summary>
public class ForkFileTests
{
    private const int Reserved = 16384;
    private const int Borrowed = 20480;
    private MemoryFile _base = null!;
    private MapGeneration _map = null!;
    private ForkFile _file = null!;
    private int _released;

    [SetUp]
    public void Make()
    {
        _released = 0;
        _base = new MemoryFile("base");
        _base.Write(0, Sample.Bytes(3 * Borrowed, 1));
        _map = _base.Map(3 * Borrowed);
        _file = new ForkFile("fork", _map, Borrowed, Sample.Bytes(Reserved, 2), () => _released++);
    }

    [TearDown]
    public void Dispose()
    {
        _file.Dispose();
        _map.Release();
        _base.Dispose();
    }

    [Test]
    public void Read_AcrossAllParts_GivesEachItsOwn()
    {
        Assert.That(_file.Length, Is.EqualTo(Borrowed));
        _file.Write(Borrowed, Sample.Bytes(1000, 3));
        byte[] expected =
        [
            .. Sample.Bytes(Reserved, 2), .. Sample.Bytes(3 * Borrowed, 1)[Reserved..Borrowed],
            .. Sample.Bytes(1000, 3),
        ];
        Assert.That(_file.Length, Is.EqualTo(expected.Length));
        foreach (var (start, end) in ((int, int)[])[
            (0, expected.Length), (0, 10), (Reserved - 5, Reserved + 5), (Reserved, Borrowed),
            (Borrowed - 1, Borrowed + 1), (Borrowed, expected.Length), (100, 100)])
        {
            var read = new byte[end - start];
            _file.Read(start, read);
            Assert.That(read, Is.EqualTo(expected[start..end]), $"{start} to {end}");
        }

        Assert.Throws<DatabaseCorruptException>(() => _file.Read(Borrowed + 999, new byte[2]));
    }

    [TestCase(Reserved, 1)]
    [TestCase(Reserved - 1, 2)]
    [TestCase(Borrowed - 1, 1)]
    [TestCase(Borrowed - 1, 2)]
    public void Write_ToWhatIsBorrowed_IsRefused(int offset, int length)
    {
        var before = Sample.Bytes(3 * Borrowed, 1);
        Assert.Throws<InvalidOperationException>(() => _file.Write(offset, new byte[length]));
        Assert.That(_map.Bytes(0, 3 * Borrowed).SequenceEqual(before));
    }

    [Test]
    public void Write_ToReservedBlocks_LeavesTheBaseAlone()
    {
        _file.Write(4096, new byte[4096]);
        var read = new byte[4096];
        _file.Read(4096, read);
        Assert.That(read, Is.All.Zero);
        Assert.That(_map.Bytes(4096, 4096).SequenceEqual(Sample.Bytes(3 * Borrowed, 1).AsSpan(4096, 4096)));
    }

    [Test]
    public void Base_IsGivenBackWithTheLastOfFileAndMaps()
    {
        _file.SetLength(Borrowed + 5000);
        var map = _file.Map(Borrowed + 5000);
        var another = _file.Map(Borrowed);
        Assert.That((map.Length, map.FirstLength, map.Regions.Length), Is.EqualTo((Borrowed + 5000, Borrowed, 1)));
        Assert.That((another.Length, another.Regions.Length), Is.EqualTo((Borrowed, 0)));
        another.Release();
        _file.Dispose();
        Assert.That(_released, Is.Zero);
        Assert.That(map.Bytes(Borrowed, 5000).IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
        map.Release();
        Assert.That(_released, Is.EqualTo(1));
        Assert.Throws<ObjectDisposedException>(() => _file.Map(Borrowed));
    }

    [Test]
    public void Run_ThatWouldLieInTwoParts_IsCorruption()
    {
        const int PageSize = 4096;
        const int Pages = Borrowed / PageSize;
        _file.SetLength(Borrowed + PageSize);
        var map = _file.Map(Borrowed + PageSize);
        var verified = new VerifiedPages(rememberCrcs: false);
        verified.Ensure(Pages + 1);
        var source = new PageSource(PageSize);
        source.Attach(map, Pages + 1, snapshotId: 9, verified, dirty: null);
        var reference = new OverflowReference(Pages - 1, 1, 0, 5000);
        var exception = Assert.Throws<DatabaseCorruptException>(() => source.GetRun(reference));
        Assert.That(exception.Page, Is.EqualTo(Pages - 1));
        Assert.That(exception.Message, Does.Contain("does not lie in what the database has"));
        map.Release();
    }

    [Test]
    public void Map_OfABaseThatIsShorterThanItShouldBe_LacksThePagesBetween()
    {
        var file = new ForkFile("fork", _map, 4 * Borrowed, Sample.Bytes(Reserved, 2), static () => { });
        file.SetLength(5 * Borrowed);
        var map = file.Map(5 * Borrowed);
        Assert.That((map.Length, map.FirstLength), Is.EqualTo((5 * Borrowed, 3 * Borrowed)));
        Assert.That(map.CopyTo(2 * Borrowed, new byte[3 * Borrowed]), Is.EqualTo(Borrowed));
        Assert.That(map.CopyTo(4 * Borrowed, new byte[2 * Borrowed]), Is.EqualTo(Borrowed));
        Assert.Throws<DatabaseCorruptException>(() => file.Read(3 * Borrowed, new byte[1]));
        map.Release();
        file.Dispose();
    }
}
