using Engine.Storage;

namespace Engine.Tests.Storage;

public class FileStorageFileTests : StorageTest
{
    private IStorageFile _file = null!;

    [SetUp]
    public void OpenFile()
    {
        File.WriteAllBytes(DatabasePath, []);
        _file = new FileStorage(DatabasePath).OpenFile(writable: true);
    }

    [TearDown]
    public void CloseFile() => _file.Dispose();

    [Test]
    public void Write_AnyLength_IsReadBack(
        [Values(0, 1, 4095, 4096, 65_536, 3_000_001)] int length, [Values(0, 1, 100_000)] long offset)
    {
        byte[] written = Bytes(length);

        _file.Write(offset, written);

        byte[] read = new byte[length];
        _file.Read(offset, read);
        Assert.That(read.AsSpan().SequenceEqual(written), Is.True);
        Assert.That(_file.Length, Is.EqualTo(length == 0 ? 0 : offset + length));
    }

    [Test]
    public void Read_PastTheEnd_SaysThatTheFileIsShorter()
    {
        _file.Write(0, Bytes(100));

        Assert.That(
            () => _file.Read(50, new byte[51]),
            Throws.TypeOf<DatabaseCorruptException>().With.Message.Contains("shorter"));
        Assert.That(() => _file.Read(5000, new byte[1]), Throws.TypeOf<DatabaseCorruptException>());
        _file.Read(50, new byte[50]);
    }

    [Test]
    public void SetLength_Growing_ShowsZeros()
    {
        _file.Write(0, Bytes(10));

        _file.SetLength(10_000);

        byte[] read = new byte[9990];
        _file.Read(10, read);
        Assert.That(_file.Length, Is.EqualTo(10_000));
        Assert.That(read.AsSpan().IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
    }

    [Test]
    public void SetLength_Cutting_ForgetsWhatWasCutOff()
    {
        _file.Write(0, Bytes(10_000));

        _file.SetLength(5000);
        _file.SetLength(10_000);

        byte[] read = new byte[5000];
        _file.Read(5000, read);
        Assert.That(read.AsSpan().IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
    }

    [Test]
    public void SetLength_Negative_IsMisuse() =>
        Assert.That(() => _file.SetLength(-1), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void SetLength_BeyondWhatAFileCanBe_IsFull() =>
        Assert.That(
            () => _file.SetLength(long.MaxValue),
            Throws.TypeOf<StorageWriteException>().With.Property("IsFull").True.And.Message.Contains(DatabasePath));

    [Test]
    public void Write_BeyondWhatAFileCanBe_IsFull()
    {
        Machine.NeedLinux();
        Assert.That(
            () => _file.Write(long.MaxValue - 10, new byte[1]),
            Throws.TypeOf<StorageWriteException>().With.Property("IsFull").True);
    }

    [Test]
    public unsafe void Map_ShowsWhatIsWrittenAfterwards()
    {
        _file.SetLength(20_000);
        MapGeneration generation = _file.Map(20_000);

        _file.Write(5000, Bytes(100));

        Assert.That(generation.Length, Is.EqualTo(20_000));
        Assert.That(new ReadOnlySpan<byte>(generation.Address + 5000, 100).SequenceEqual(Bytes(100)), Is.True);
        generation.Release();
    }

    [Test]
    public unsafe void Map_OfAPart_IsPossible()
    {
        _file.Write(0, Bytes(20_000));

        MapGeneration generation = _file.Map(5000);

        Assert.That(
            new ReadOnlySpan<byte>(generation.Address, 5000).SequenceEqual(Bytes(20_000).AsSpan(0, 5000)), Is.True);
        generation.Release();
    }

    [Test]
    public void Map_OfMoreThanTheFile_IsRefused()
    {
        _file.SetLength(4096);

        Assert.That(() => _file.Map(4097), Throws.TypeOf<DatabaseCorruptException>().With.Message.Contains("shorter"));
        Assert.That(() => _file.Map(0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public unsafe void Map_OutlivesTheFileAndYoungerGenerations()
    {
        _file.Write(0, Bytes(4096));
        MapGeneration older = _file.Map(4096);
        _file.SetLength(1 << 20);
        MapGeneration younger = _file.Map(1 << 20);
        younger.Release();
        _file.Dispose();

        Assert.That(new ReadOnlySpan<byte>(older.Address, 4096).SequenceEqual(Bytes(4096)), Is.True);
        older.Release();
    }

    [Test]
    public void Map_WhenItIsReleased_IsUnmapped()
    {
        Machine.NeedLinux();
        _file.SetLength(1 << 20);
        MapGeneration generation = _file.Map(1 << 20);
        Assert.That(Mappings(), Is.EqualTo(1));

        generation.Release();
        Assert.That(Mappings(), Is.Zero);
    }

    [Test]
    public void Flush_Succeeds([Values] bool writable)
    {
        _file.Write(0, Bytes(10_000));
        using IStorageFile other = writable
            ? new FileStorage(DatabasePath + "2").CreateTemporary()
            : new FileStorage(DatabasePath).OpenFile(writable: false);

        _file.Flush();
        other.Flush();
    }

    [Test]
    public void DropCache_KeepsTheContents()
    {
        _file.Write(0, Bytes(100_000));
        _file.Flush();

        _file.DropCache();

        byte[] read = new byte[100_000];
        _file.Read(0, read);
        Assert.That(read.AsSpan().SequenceEqual(Bytes(100_000)), Is.True);
    }

    [Test]
    public void Members_AfterDispose_SaySo()
    {
        _file.Dispose();
        _file.Dispose();

        Assert.That(() => _file.Length, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => _file.Write(0, new byte[1]), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => _file.Read(0, new byte[1]), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => _file.SetLength(1), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => _file.Flush(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => _file.DropCache(), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Write_ToAFileOpenedForReading_Fails()
    {
        using IStorageFile reader = new FileStorage(DatabasePath).OpenFile(writable: false);

        Assert.That(
            () => reader.Write(0, new byte[1]), Throws.TypeOf<StorageWriteException>().With.Property("IsFull").False);
    }

    private int Mappings() =>
        File.ReadAllLines("/proc/self/maps").Count(line => line.EndsWith(DatabasePath, StringComparison.Ordinal));
}
