using Engine.Storage;
using Engine.Tests.Infrastructure;
using Engine.Transactions;

namespace Engine.Tests.Transactions;

/// <summary>Which maps are made, and when they go, on a file that is as long as it says and has no bytes.</summary>
public class MapGenerationsTests
{
    private const int PageSize = 4096;
    private const long MiB = 1024 * 1024;

    private HollowFile _file = null!;
    private FileGrowth _growth = null!;
    private MapGenerations _maps = null!;
    private Action? _releaseUnpinned;

    [SetUp]
    public void MakeFile()
    {
        _file = new HollowFile { Length = 16 * PageSize };
        _growth = new FileGrowth(_file, PageSize, borrowed: 0, holesAreFree: true);
        _maps = new MapGenerations(_file, _growth, () => _releaseUnpinned?.Invoke());
    }

    [TearDown]
    public void CloseFile() => _file.Dispose();

    [Test]
    public void Growth_FromKilobytesToTerabytesInSmallSteps_TakesFiveTimesTheFile_ThoughNothingIsEverUnmapped()
    {
        ulong id = 0;
        for (var length = MiB; length <= 4L * 1024 * 1024 * MiB; length += Math.Max(MiB, length / 1000))
        {
            Publish(length, ++id);
        }

        Assert.That(_file.Maps.PeakMultiple, Is.LessThan(5.1));
        Assert.That(_growth.Length, Is.LessThan(1.3 * 4 * 1024 * 1024 * MiB), "a quarter of slack, and the last step");
    }

    [Test]
    public void Growth_UpToOneGigabyte_TakesTwiceTheFile_OrFiveTimesWhereHolesTakeSpace([Values] bool holesAreFree)
    {
        _growth = new FileGrowth(_file, PageSize, borrowed: 0, holesAreFree);
        _maps = new MapGenerations(_file, _growth, () => { });
        ulong id = 0;
        for (var length = MiB; length <= 1024 * MiB; length += MiB)
        {
            Publish(length, ++id);
        }

        Assert.That(_file.Maps.PeakMultiple, Is.InRange(1, holesAreFree ? 2.1 : 5.1));
        Assert.That(_growth.Length, Is.InRange(1024 * MiB, (holesAreFree ? 2 : 1.25) * 1024 * MiB));
    }

    [TestCase(1, 4)]
    [TestCase(40, 160)]
    [TestCase(100, 256)]
    [TestCase(128, 256)]
    [TestCase(300, 600)]
    [TestCase(3000, 4024)]
    [TestCase(5000, 6250)]
    public void Growth_IsToFourTimesAsMuch_ThenToTwice_ThenByOneGigabyte_ThenByAQuarter(int from, int to)
    {
        Grow(from * MiB);
        Grow((from + 1) * MiB);

        Assert.That(_growth.Length, Is.EqualTo(to * MiB));
    }

    [Test]
    public void Generation_StaysAsLongAsAStateThatUsedItIsPinned_AndNoLonger()
    {
        var first = Publish(MiB, 1);
        Assert.That(Publish(MiB, 2), Is.SameAs(first));
        var second = Publish(2 * MiB, 3);
        Assert.That(Publish(2 * MiB, 5), Is.SameAs(second));
        Publish(16 * MiB, 6);

        _maps.ReleaseUnpinned([6, 2, 4]);
        Assert.That(_file.Maps.Count, Is.EqualTo(3), "pins in [1, 2], in [3, 5] and on the newest");

        _maps.ReleaseUnpinned([1, 6]);
        Assert.That(second.IsReleased, Is.True, "nobody reads states 3 to 5, though somebody reads an older one");
        Assert.That(first.IsReleased, Is.False);

        _maps.ReleaseUnpinned([6]);
        Assert.That(_file.Maps.Count, Is.EqualTo(1));
    }

    [Test]
    public void MapOfThePublishedState_AfterAnAbortedTransactionReplacedIt_ServesLaterStatesAndStaysWithThem()
    {
        var published = Publish(MiB, 1);
        Grow(8 * MiB);
        _maps.Covering(8 * MiB);
        _maps.ReleaseUnpublished();

        _maps.Use(published, 2);
        _maps.ReleaseUnpinned([2]);

        Assert.That(published.IsReleased, Is.False);
        Assert.That(Publish(MiB, 3), Is.Not.SameAs(published), "a new state uses the newest");
        _maps.ReleaseUnpinned([3]);
        Assert.That(_file.Maps.Count, Is.EqualTo(1));
    }

    [Test]
    public void GenerationsOfATransaction_GoWhenTheyAreReplaced_OrAtItsEndIfSomebodyLooksIntoThem(
        [Values] bool isLookedInto)
    {
        Publish(MiB, 1);
        for (var length = 2 * MiB; length <= 2048 * MiB; length *= 4)
        {
            Grow(length);
            _maps.Covering(length, isLookedInto);
        }

        Assert.That(_file.Maps.Count, Is.EqualTo(isLookedInto ? 7 : 2));
        _maps.ReleaseUnpinned([1]);
        Assert.That(_file.Maps.Count, Is.EqualTo(isLookedInto ? 7 : 2), "a transaction is not a pin");
        _maps.ReleaseUnpublished();
        Assert.That(_file.Maps.Count, Is.EqualTo(2), "the published map and the newest");
        _maps.ReleaseAll();
        Assert.That(_file.Maps.Count, Is.Zero);
    }

    [Test]
    public void Map_WhenThereAreNoAddressesForTheWholeFile_CoversAsMuchAsThereIs_AndWhatIsNeeded()
    {
        Grow(300 * MiB);
        Grow(301 * MiB);
        _file.Addresses = 310 * MiB;

        var map = _maps.Covering(301 * MiB);

        Assert.That(_growth.Length, Is.EqualTo(600 * MiB));
        Assert.That(map.Length, Is.InRange(305 * MiB, 310 * MiB), "half of what there is ahead, or more");
        Assert.That(_maps.Covering(305 * MiB), Is.SameAs(map), "it is enough");

        _file.Addresses = long.MaxValue;
        Assert.That(_maps.Covering(map.Length + PageSize).Length, Is.EqualTo(_growth.Length));
    }

    [Test]
    public void Map_IsMadeAfterThoseOfReadersThatHaveEndedAreGivenBack()
    {
        Publish(MiB, 1);
        Publish(2 * MiB, 2);
        Grow(4 * MiB);
        _releaseUnpinned = () => _maps.ReleaseUnpinned([2]);
        _file.MaxMaps = 2;

        _maps.Covering(4 * MiB);

        Assert.That(_file.Maps.Count, Is.EqualTo(2));
    }

    [Test]
    public void Map_WhenNotEvenWhatIsNeededCanBeMapped_Fails_AndKeepsWhatThereWas()
    {
        var published = Publish(MiB, 1);
        Grow(100 * MiB);
        _file.Addresses = 50 * MiB;

        Assert.That(() => _maps.Covering(100 * MiB), Throws.TypeOf<DatabaseException>());

        Assert.That(_file.Maps.Count, Is.EqualTo(1));
        Assert.That(published.IsReleased, Is.False);
    }

    [Test]
    public void Growth_WhereNotAllThatIsWantedFits_TakesWhatFits_AndFailsOnlyForWhatIsNeeded()
    {
        Grow(100 * MiB);
        _file.Room = 110 * MiB;

        Grow(101 * MiB);
        Assert.That(_growth.Length, Is.InRange(101 * MiB, 110 * MiB));
        Grow(110 * MiB);
        Assert.That(_growth.Length, Is.EqualTo(110 * MiB));
        Assert.That(() => Grow((110 * MiB) + 1), Throws.TypeOf<StorageWriteException>());
        Assert.That(_growth.Length, Is.EqualTo(110 * MiB));
    }

    private void Grow(long bytes) => _growth.Ensure((ulong)((bytes + PageSize - 1) / PageSize));

    private MapGeneration Publish(long bytes, ulong id)
    {
        Grow(bytes);
        var map = _maps.Covering(bytes);
        _maps.Use(map, id);
        return map;
    }

    /// <summary>A length, and maps that nobody may touch.</summary>
    private sealed class HollowFile : IStorageFile
    {
        public long Length { get; set; }

        public FilePresence Presence => FilePresence.Nowhere;

        /// <summary>Longer than this it cannot become.</summary>
        public long Room { get; set; } = long.MaxValue;

        /// <summary>Longer than this no map can be.</summary>
        public long Addresses { get; set; } = long.MaxValue;

        /// <summary>More maps at a time there cannot be.</summary>
        public int MaxMaps { get; set; } = int.MaxValue;

        public LivingMaps Maps { get; } = new();

        public void SetLength(long length) =>
            Length = length <= Room ? length : throw new StorageWriteException("no room", isFull: true);

        public unsafe MapGeneration Map(long length) => length <= Addresses && length <= Length && Maps.Count < MaxMaps
            ? Maps.Watch(new MapGeneration(null, length, new MemoryStream()))
            : throw new DatabaseException("no addresses");

        public void Read(long offset, Span<byte> destination) => throw new NotSupportedException();

        public void Write(long offset, ReadOnlySpan<byte> source) => throw new NotSupportedException();

        public void Flush() => throw new NotSupportedException();

        public void DropCache() => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
