using Engine.Storage;
using Microsoft.Win32.SafeHandles;

namespace Engine.Tests.Storage;

/// <summary>
/// Bytes of a map are asked for before they are looked at; what cannot be read is an answer, whichever way they are
/// asked for.
/// </summary>
[TestFixture(true)]
[TestFixture(false)]
public unsafe class MapLoaderTests(bool populates) : StorageTest
{
    private const int Length = 1 << 20;

    private IStorageFile _file = null!;
    private SafeFileHandle _handle = null!;
    private MapGeneration _map = null!;
    private MapLoader _loader = null!;

    [SetUp]
    public void MapFile()
    {
        File.WriteAllBytes(DatabasePath, Bytes(Length));
        _file = new FileStorage(DatabasePath).OpenFile(writable: true);
        _map = _file.Map(Length);
        _handle = File.OpenHandle(DatabasePath, share: FileShare.ReadWrite);
        _loader = new MapLoader(_handle, readAhead: true, populates);
    }

    [TearDown]
    public void UnmapFile()
    {
        _map.Release();
        _handle.Dispose();
        _file.Dispose();
    }

    [TestCase(0, 1)]
    [TestCase(0, Length)]
    [TestCase(256, 256)]
    [TestCase(4095, 2)]
    [TestCase(Length - 1, 1)]
    public void Load_OfWhatIsThere_Succeeds(int offset, int length)
    {
        _file.Flush();
        _file.DropCache();

        Assert.That(_loader.Load(_map.Address, offset, length), Is.Null);
        Assert.That(
            new ReadOnlySpan<byte>(_map.Address + offset, length).SequenceEqual(Bytes(Length).AsSpan(offset, length)));
    }

    [TestCase(0, Length)]
    [TestCase(65536, 4096)]
    [TestCase(Length - 4096, 4096)]
    [TestCase(65536 - 4096, 8192)]
    public void Load_BehindTheEndOfAFileThatWasCut_SaysSo(int offset, int length)
    {
        _file.SetLength(65536);

        Assert.That(_loader.Load(_map.Address, offset, length), Does.Contain("cut"));
        Assert.That(_loader.Load(_map.Address, 0, 65536), Is.Null, "the rest is there");
    }

    [Test]
    public void Bytes_OfAMap_AreBoundedAndLoaded()
    {
        Assert.That(_map.Bytes(4096, 100).SequenceEqual(Bytes(Length).AsSpan(4096, 100)));
        Assert.That(() => _map.Bytes(Length - 99, 100).Length, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _map.Bytes(-1, 100).Length, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _map.Bytes(0, -1).Length, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _map.Bytes(long.MaxValue, 2).Length, Throws.TypeOf<ArgumentOutOfRangeException>());

        _file.SetLength(65536);
        Assert.That(
            () => _map.Bytes(65536, 100).Length, Throws.TypeOf<DatabaseException>().With.Message.Contains("65536"));
    }

    [Test]
    public void MaxAhead_WithoutReadAhead_IsNothing()
    {
        Assert.That(_loader.MaxAhead, Is.EqualTo(1 << 20));
        Assert.That(new MapLoader(_handle, readAhead: false).MaxAhead, Is.Zero);
    }
}
