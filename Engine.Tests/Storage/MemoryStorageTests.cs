using Engine.Storage;

namespace Engine.Tests.Storage;

public unsafe class MemoryStorageTests
{
    private MemoryStorage _storage = null!;
    private IStorageFile _file = null!;

    [SetUp]
    public void Create()
    {
        _storage = new MemoryStorage();
        _file = _storage.CreateTemporary();
        _storage.RenameTemporary();
    }

    [TearDown]
    public void Dispose()
    {
        _file.Dispose();
        _storage.Dispose();
    }

    [Test]
    public void Exists_BeforeCreation_IsFalse()
    {
        using var storage = new MemoryStorage();
        Assert.That(storage.Exists(out _), Is.False);
        Assert.That(() => storage.OpenFile(writable: true), Throws.TypeOf<DatabaseNotFoundException>());

        using IStorageFile file = storage.CreateTemporary();
        file.SetLength(10);
        Assert.That(storage.Exists(out _), Is.False);

        storage.RenameTemporary();
        storage.FlushDirectory();
        Assert.That(storage.Exists(out long length), Is.True);
        Assert.That(length, Is.EqualTo(10));
    }

    [Test]
    public void RenameTemporary_WhenThereIsNone_IsMisuse()
    {
        _storage.CreateTemporary().Dispose();
        _storage.DeleteTemporary();

        Assert.That(() => _storage.RenameTemporary(), Throws.InvalidOperationException);
    }

    [Test]
    public void RenameTemporary_WhenThereIsADatabaseAlready_LeavesIt()
    {
        _file.SetLength(10);
        _storage.CreateTemporary().Dispose();

        Assert.That(_storage.RenameTemporary, Throws.TypeOf<DatabaseBusyException>());
        Assert.That(_file.Length, Is.EqualTo(10));
    }

    [Test]
    public void Write_IsSeenByEveryOpen()
    {
        _file.Write(100_000, [1, 2, 3]);

        using IStorageFile other = _storage.OpenFile(writable: false);
        byte[] read = new byte[3];
        other.Read(100_000, read);

        Assert.That(read, Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(other.Length, Is.EqualTo(100_003));
        Assert.That(() => other.Write(0, [1]), Throws.InvalidOperationException);
        Assert.That(() => other.SetLength(0), Throws.InvalidOperationException);
    }

    [Test]
    public void Read_PastTheEnd_SaysThatTheFileIsShorter()
    {
        _file.SetLength(100);

        Assert.That(() => _file.Read(50, new byte[51]), Throws.TypeOf<DatabaseCorruptException>());
        Assert.That(() => _file.Read(long.MaxValue, new byte[51]), Throws.TypeOf<DatabaseCorruptException>());
        Assert.That(() => _file.Read(101, []), Throws.TypeOf<DatabaseCorruptException>());
        Assert.That(() => _file.Map(101), Throws.TypeOf<DatabaseCorruptException>());
    }

    [Test]
    public void SetLength_CuttingAndGrowing_ShowsZeros([Values(2000, 200_000)] int grown)
    {
        _file.Write(0, Enumerable.Repeat((byte)7, 1500).ToArray());

        _file.SetLength(1000);
        _file.SetLength(grown);

        byte[] read = new byte[grown];
        _file.Read(0, read);
        Assert.That(read.AsSpan(0, 1000).IndexOfAnyExcept((byte)7), Is.EqualTo(-1));
        Assert.That(read.AsSpan(1000).IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
    }

    [Test]
    public void Write_BehindTheEndAfterACut_LeavesZerosBetween()
    {
        _file.Write(0, Enumerable.Repeat((byte)7, 1500).ToArray());
        _file.SetLength(1000);

        _file.Write(1400, [9]);

        byte[] read = new byte[1401];
        _file.Read(0, read);
        Assert.That(read[1000..1400], Has.All.Zero);
        Assert.That(read[1400], Is.EqualTo(9));
    }

    [Test]
    public void Map_IsAlignedLikeAMapping()
    {
        _file.SetLength(5000);
        MapGeneration generation = _file.Map(5000);

        Assert.That((long)generation.Address % 4096, Is.Zero);
        generation.Release();
    }

    [Test]
    public void Map_OfAnOlderGeneration_KeepsItsBytesWhenTheFileGrows()
    {
        byte[] old = new byte[60_000];
        new Random(1).NextBytes(old);
        _file.Write(0, old);
        MapGeneration older = _file.Map(60_000);

        _file.SetLength(10_000_000);
        _file.Write(50_000, new byte[10_000]);
        MapGeneration younger = _file.Map(10_000_000);

        Assert.That(new ReadOnlySpan<byte>(older.Address, 60_000).SequenceEqual(old), Is.True);
        Assert.That(new ReadOnlySpan<byte>(younger.Address, 50_000).SequenceEqual(old.AsSpan(0, 50_000)), Is.True);
        Assert.That(new ReadOnlySpan<byte>(younger.Address + 50_000, 10_000).IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
        older.Release();
        younger.Release();
    }

    [Test]
    public void Map_OutlivesTheStorage()
    {
        _file.Write(0, [42]);
        MapGeneration generation = _file.Map(1);
        _file.Dispose();
        _storage.Dispose();

        Assert.That(generation.Address[0], Is.EqualTo(42));
        generation.Release();
        Assert.That(() => _file.Length, Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void SetLength_GrowingInSmallSteps_MovesSeldom()
    {
        var addresses = new HashSet<nint>();
        var generations = new List<MapGeneration>();
        for (int pages = 1; pages <= 4096; pages++)
        {
            _file.SetLength(pages * 4096L);
            generations.Add(_file.Map(pages * 4096L));
            addresses.Add((nint)generations[^1].Address);
        }

        // 64 KiB doubled up to 16 MiB.
        Assert.That(addresses, Has.Count.EqualTo(9));
        generations.ForEach(generation => generation.Release());
    }

    [Test]
    public void SetLength_BeyondTheMemory_IsFull() =>
        Assert.That(
            () => _file.SetLength(1L << 60),
            Throws.TypeOf<StorageWriteException>().With.Property("IsFull").True);

    [Test]
    public void OpenLockFile_GivesParticipantsOfOneLockFile()
    {
        using LockFile first = _storage.OpenLockFile(readOnly: false);
        using LockFile second = _storage.OpenLockFile(readOnly: false);

        Assert.That(first.TryLockWriter(), Is.True);
        Assert.That(second.TryLockWriter(), Is.False);
        Assert.That(second.HasLiveWriter, Is.True);
    }
}
