using System.Buffers.Binary;
using Engine.Pages;
using Engine.Storage;
using Engine.Tests.Infrastructure;
using static Engine.Tests.Backups.BackupFixture;

namespace Engine.Tests.Backups;

/// <summary>
/// Streams that are torn, damaged, made up, or in the wrong order: a typed exception, and nothing is left.
/// </summary>
public class HostileBackupTests
{
    private const int TrailerSize = 32;
    private const int HeaderSize = 256;
    private const int ItemSize = 24;

    /// <summary>Bytes that a compressor writes behind the last byte of the body.</summary>
    private const int CompressorsEnd = 16;
    private byte[] _full = null!;
    private byte[] _second = null!;
    private byte[] _third = null!;
    private byte[] _foreign = null!;

    [OneTimeSetUp]
    public void Make()
    {
        using var database = Sample.InMemory();
        Sample.Fill(database, 0, 20);
        Sample.Put(database, Sample.Key(100), Sample.Bytes(500, 1));
        using var first = database.OpenSnapshot();
        Sample.Fill(database, 0, 3);
        using var second = database.OpenSnapshot();
        Sample.Fill(database, 10, 14, 7);
        using var third = database.OpenSnapshot();
        (_full, _second, _third) = (BackUp(first), BackUp(second, first), BackUp(third, second));
        using var other = Sample.InMemory();
        Sample.Fill(other, 0, 20);
        _foreign = BackUp(other);
    }

    [Test]
    public void EachByte_WhenItIsAnotherOne_IsFound([Values] BackupCompression compression)
    {
        using var database = Sample.InMemory();
        Sample.Fill(database, 0, 6);
        using var snapshot = database.OpenSnapshot();
        var stream = BackUp(snapshot, null, compression);
        var expected = Sample.ReadAll(database);
        var found = 0;
        for (var i = 0; i < stream.Length; i++)
        {
            var damaged = (byte[])stream.Clone();
            damaged[i] ^= (byte)(1 << (i % 8));
            if (Refuses(damaged))
            {
                found++;
                continue;
            }

            // Compressors have bits that mean nothing.
            Assert.That(compression, Is.Not.EqualTo(BackupCompression.None), $"byte {i} is not looked at");
            using var restored = OpenRestored(Sample.TinyPage, damaged);
            AssertSame(Sample.ReadAll(restored), expected);
        }

        Assert.That(found, Is.GreaterThan(stream.Length * 9 / 10));
    }

    [Test]
    public void EachPrefix_IsFoundToBeTorn([Values] BackupCompression compression)
    {
        using var database = Sample.InMemory();
        Sample.Fill(database, 0, 6);
        using var snapshot = database.OpenSnapshot();
        var stream = BackUp(snapshot, null, compression);
        for (var length = 0; length < stream.Length; length++)
        {
            var torn = stream[..length];
            try
            {
                Backup.Verify([new MemoryStream(torn)]);
                Assert.That(compression, Is.Not.EqualTo(BackupCompression.None));
                Assert.That(length, Is.GreaterThan(stream.Length - CompressorsEnd), "all that counts is there");
            }
            catch (BackupException e)
            {
                Assert.That(e.Message, Does.StartWith("Backup stream 1"));
            }
        }
    }

    [Test]
    public void SomethingBehindTheEnd_IsFound([Values] BackupCompression compression)
    {
        using var database = Sample.InMemory();
        Sample.Fill(database, 0, 6);
        using var snapshot = database.OpenSnapshot();
        var stream = BackUp(snapshot, null, compression);
        Assert.That(Refuses(stream), Is.False);
        Assert.That(Refuses([.. stream, 0]));
        Assert.That(Refuses([.. stream, .. stream]));
        Assert.That(Refuses([.. stream, .. new byte[100_000]]));
    }

    [Test]
    public void Stream_ThatComesInSmallPieces_IsRead([Values] BackupCompression compression)
    {
        using var database = Sample.InMemory();
        Sample.Fill(database, 0, 200);
        using var snapshot = database.OpenSnapshot();
        var stream = BackUp(snapshot, null, compression);
        Assert.That(Backup.Verify([new DrippingStream(stream)]), Has.Count.EqualTo(1));
        Assert.Throws<BackupException>(() => Backup.Verify([new DrippingStream([.. stream, 7])]));
    }

    [Test]
    public void Chain_InOrder_IsTaken() => Assert.That(!Refuses(_full, _second, _third));

    [TestCase("bf")]
    [TestCase("b")]
    [TestCase("fc")]
    [TestCase("fcb")]
    [TestCase("fbb")]
    [TestCase("fbcb")]
    [TestCase("ff")]
    [TestCase("fbf")]
    [TestCase("xb")]
    [TestCase("fx")]
    [TestCase("")]
    public void Links_ThatDoNotFollowEachOther_AreRefused(string order)
    {
        byte[][] chain = [.. order.Select(link => link switch
        {
            'f' => _full,
            'b' => _second,
            'c' => _third,
            _ => _foreign,
        })];
        if (chain.Length == 0)
        {
            Assert.Throws<ArgumentException>(() => Restore(new MemoryStorage()));
            return;
        }

        Assert.That(Refuses(chain));
    }

    [Test]
    public void Increment_OfAnotherStateWithTheSameId_IsRefused()
    {
        // Two copies of one file that went different ways: ids and file ids agree.
        var stream = (byte[])_second.Clone();
        stream[40] ^= 1;
        Reseal(stream);
        var exception = Assert.Throws<BackupException>(() => Restore(new MemoryStorage(), _full, stream));
        Assert.That(exception!.Message, Does.Contain("another state"));
    }

    [Test]
    public void StreamWithoutAPage_WhoseCountsAreMended_IsFoundByItsDigest()
    {
        const int At = HeaderSize;
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(_full.AsSpan(At + 20)), Is.EqualTo(1));
        byte[] without = [.. _full[..At], .. _full[(At + ItemSize + Sample.TinyPage)..]];
        var trailer = without.AsSpan(without.Length - TrailerSize);
        Add(trailer[8..], -1);
        Add(trailer[16..], -1);

        var exception = Assert.Throws<BackupException>(() => Backup.Verify([new MemoryStream(without)]));
        Assert.That(exception!.Message, Does.Contain("digest"));

        // And if that is mended as well, by what is missing.
        MendDigest(without);
        Assert.That(Backup.Verify([new MemoryStream(without)]), Has.Count.EqualTo(1));
        var alone = Assert.Throws<BackupException>(() => Restore(new MemoryStorage(), without));
        var together = Assert.Throws<BackupException>(() => Backup.Restore(
            [new MemoryStream(without)], new MemoryStorage(), new RestoreOptions { MaxDegreeOfParallelism = 3 }));
        Assert.That(together!.Message, Is.EqualTo(alone!.Message));
    }

    [Test]
    public void ThePages_OfACraftedStream_CostNoMoreThanThereIs()
    {
        // The header claims 2^40 pages and an item a run of 2 GiB: nothing of that is there.
        var stream = (byte[])_full.Clone();
        BinaryPrimitives.WriteUInt64LittleEndian(stream.AsSpan(56), 1UL << 40);
        Reseal(stream);
        BinaryPrimitives.WriteUInt64LittleEndian(stream.AsSpan(HeaderSize), 1UL << 39);
        BinaryPrimitives.WriteUInt32LittleEndian(stream.AsSpan(HeaderSize + 20), 1U << 22);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<BackupException>(() => Backup.Verify([new MemoryStream(stream)]));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(100_000));
    }

    [TestCase(0UL)]
    [TestCase(63UL)]
    [TestCase(1UL << 40)]
    [TestCase(ulong.MaxValue)]
    public void Item_OfAnImpossiblePage_IsRefused(ulong page)
    {
        var stream = (byte[])_full.Clone();
        BinaryPrimitives.WriteUInt64LittleEndian(stream.AsSpan(HeaderSize), page);
        Assert.That(Refuses(stream));
    }

    [TestCase(0U)]
    [TestCase(2U)]
    [TestCase(uint.MaxValue)]
    public void Item_OfAnImpossibleNumberOfPages_IsRefused(uint pages)
    {
        var stream = (byte[])_full.Clone();
        BinaryPrimitives.WriteUInt32LittleEndian(stream.AsSpan(HeaderSize + 20), pages);
        Assert.That(Refuses(stream));
    }

    [Test]
    public void Page_ThatIsThereTwice_IsRefused()
    {
        var item = _full[HeaderSize..(HeaderSize + ItemSize + Sample.TinyPage)];
        byte[] stream = [.. _full[..HeaderSize], .. item, .. _full[HeaderSize..]];
        var exception = Assert.Throws<BackupException>(() => Backup.Verify([new MemoryStream(stream)]));
        Assert.That(exception!.Message, Does.Contain("twice"));
    }

    [TestCase(12, 1000UL, 4)]
    [TestCase(12, 0UL, 4)]
    [TestCase(8, 0UL, 4)]
    [TestCase(8, 2UL, 4)]
    [TestCase(32, ulong.MaxValue, 8)]
    [TestCase(48, 0UL, 8)]
    [TestCase(48, ulong.MaxValue, 8)]
    [TestCase(56, 0UL, 8)]
    [TestCase(56, ulong.MaxValue, 8)]
    [TestCase(64, 0UL, 8)]
    [TestCase(72, ulong.MaxValue, 8)]
    [TestCase(84, 255UL, 1)]
    [TestCase(200, 77UL, 4)]
    [TestCase(204, 1UL, 1)]
    [TestCase(216, 1UL, 1)]
    public void Header_OfImpossibleFields_IsRefused(int offset, ulong value, int length)
    {
        var stream = (byte[])_full.Clone();
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        bytes[..length].CopyTo(stream.AsSpan(offset));
        Reseal(stream);
        Assert.That(Refuses(stream));
    }

    [Test]
    public void Anything_ThatIsNoBackup_IsRefused()
    {
        var exception = Assert.Throws<BackupException>(() => Backup.ReadInfo(new MemoryStream(new byte[5000])));
        Assert.That(exception!.Message, Does.Contain("no backup"));
        Assert.Throws<BackupException>(() => Backup.ReadInfo(new MemoryStream()));
    }

    /// <summary>Whether restoring throws what it may, and leaves nothing.</summary>
    private static bool Refuses(params byte[][] chain)
    {
        var storage = new MemoryStorage();
        try
        {
            Restore(storage, chain);
            storage.Dispose();
            return false;
        }
        catch (BackupException e)
        {
            Assert.That(storage.Exists(out _), Is.False);
            Assert.That(e.Message, Does.EndWith("."));
            return true;
        }
    }

    private static void Add(Span<byte> word, long difference) => BinaryPrimitives.WriteInt64LittleEndian(
        word, BinaryPrimitives.ReadInt64LittleEndian(word) + difference);

    private static void Reseal(byte[] stream)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(stream.AsSpan(248), XxHash64.Hash(stream.AsSpan(0, 248)));
        MendDigest(stream);
    }

    /// <summary>The digest as docs/backup.md has it, written apart.</summary>
    private static void MendDigest(byte[] stream)
    {
        var words = new MemoryStream();
        words.Write(stream.AsSpan(248, 8));
        var pageSize = BinaryPrimitives.ReadInt32LittleEndian(stream.AsSpan(12));
        var at = HeaderSize;
        while (at < stream.Length - TrailerSize && pageSize == Sample.TinyPage)
        {
            words.Write(stream.AsSpan(at, ItemSize));
            at += ItemSize + ((int)BinaryPrimitives.ReadUInt32LittleEndian(stream.AsSpan(at + 20)) * pageSize);
        }

        words.Write(stream.AsSpan(stream.Length - TrailerSize + 8, 16));
        BinaryPrimitives.WriteUInt64LittleEndian(
            stream.AsSpan(stream.Length - 8), XxHash64.Hash(words.ToArray()));
    }
}
