using System.Buffers.Binary;
using Engine.Integrity;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Integrity;

/// <summary>The check's own checksums, against published values and against the plain ones of the images.</summary>
public sealed class ChecksumTests
{
    [Test]
    public void Crc32C_OfTheCheckString_IsTheOneInTheFormat()
    {
        Assert.That(~Crc32C.Append(Crc32C.Initial, "123456789"u8), Is.EqualTo(0xE3069283));
        Assert.That(ImageChecksums.Crc32C("123456789"u8), Is.EqualTo(0xE3069283));
    }

    [Test]
    public void Xxh64_OfNothing_IsTheOneInTheSpecification()
    {
        Assert.That(Xxh64.Of([]), Is.EqualTo(0xEF46DB3751D8E999));
        Assert.That(ImageChecksums.Xxh64([]), Is.EqualTo(0xEF46DB3751D8E999));
        Assert.That(ImageChecksums.Xxh64("abc"u8), Is.EqualTo(0x44BC2CF5AD770999));
    }

    [Test]
    public void Xxh64_OfAnyNumberOfWords_AgreesWithThePlainOne()
    {
        var random = new Random(1);
        for (var length = 0; length <= 4088; length += length < 256 ? 8 : 312)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            Assert.That(Xxh64.Of(bytes), Is.EqualTo(ImageChecksums.Xxh64(bytes)), $"{length} bytes");
        }
    }

    [Test]
    public void OfPage_OfAnyPageSize_AgreesWithThePlainOneAndIgnoresTheCrcField(
        [Values(256, 512, 4096, 65536)] int pageSize)
    {
        var page = new byte[pageSize];
        new Random(pageSize).NextBytes(page);
        var crc = Crc32C.OfPage(page);
        Assert.That(crc, Is.EqualTo(ImageChecksums.PageCrc(page)));

        BinaryPrimitives.WriteUInt32LittleEndian(page, crc);
        Assert.That(Crc32C.OfPage(page), Is.EqualTo(crc));
    }

    [Test]
    public void AppendPage_PageByPage_AgreesWithThePlainCrcOfTheRun()
    {
        var run = new byte[3 * 512];
        new Random(3).NextBytes(run);
        var crc = Crc32C.Initial;
        for (var at = 0; at < run.Length; at += 512)
            crc = Crc32C.AppendPage(crc, run.AsSpan(at, 512), hasHeader: at == 0);
        Assert.That(~crc, Is.EqualTo(ImageChecksums.PageCrc(run)));
    }
}
