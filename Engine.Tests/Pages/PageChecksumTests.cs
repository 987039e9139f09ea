using Engine.Pages;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Pages;

/// <summary>The sums of pages against a plain CRC, and what they promise to notice.</summary>
public sealed class PageChecksumTests
{
    [Test]
    public void Compute_OfAnyPageSize_IsThePlainCrcWithItsFieldAsZero(
        [Values(256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536)] int pageSize)
    {
        var page = Sample.Bytes(pageSize, pageSize);
        var crc = PageChecksum.Compute(page);
        Assert.That(crc, Is.EqualTo(ImageChecksums.PageCrc(page)));

        page.AsSpan(0, 4).Fill(0xEE);
        Assert.That(PageChecksum.Compute(page), Is.EqualTo(crc));
    }

    [Test]
    public void ComputeRun_AndPageByPage_IsThePlainCrcOfTheRun(
        [Values(256, 4096)] int pageSize, [Values(1, 2, 3, 17)] int pages)
    {
        var run = Sample.Bytes(pages * pageSize, pages);
        var crc = ImageChecksums.PageCrc(run);
        Assert.That(OfRun(run, pageSize), Is.EqualTo(crc));

        using var arena = new PageArena(pageSize);
        var first = arena.Allocate((ulong)pages);
        run.CopyTo(first.Bytes(run.Length));
        Assert.That(PageChecksum.ComputeRun(first, (ulong)pages, pageSize), Is.EqualTo(crc));
    }

    [TestCase(0u, uint.MaxValue, 0ul)]
    [TestCase(1u, uint.MaxValue, 0xFFFF_FFFFul)]
    [TestCase(0x8000_0000u, 0x8000_0000u, 1ul << 62)]
    [TestCase(3u, 3u, 5ul)]
    [TestCase(uint.MaxValue, uint.MaxValue, 0x5555_5555_5555_5555ul)]
    public void Multiply_WithTheInstructionAndWithout_DoesNotCarry(uint left, uint right, ulong product)
    {
        Assert.That(PageChecksum.Multiply(left, right), Is.EqualTo(product));
        Assert.That(PageChecksum.MultiplyBitwise(left, right), Is.EqualTo(product));
    }

    [Test]
    public void Multiply_OfAnyNumbers_IsTheSameWithTheInstructionAndWithout()
    {
        var random = new Random(7);
        for (var i = 0; i < 10_000; i++)
        {
            var (left, right) = ((uint)random.NextInt64(1L << 32), (uint)random.NextInt64(1L << 32));
            Assert.That(
                PageChecksum.Multiply(left, right),
                Is.EqualTo(PageChecksum.MultiplyBitwise(left, right)),
                $"{left:x} {right:x}");
        }
    }

    /// <summary>
    /// A CRC is linear: two flipped bits cancel out if and only if each alone changes it in the same way. Lanes that
    /// are joined carelessly do so at some distance.
    /// </summary>
    [TestCase(256, 1, 1)]
    [TestCase(256, 5, 1)]
    [TestCase(4096, 1, 1)]
    [TestCase(4096, 3, 8)]
    [TestCase(65536, 1, 32)]
    public void EveryBit_ChangesTheCrcInAWayOfItsOwn(int pageSize, int pages, int step)
    {
        var run = new byte[pages * pageSize];
        var clear = OfRun(run, pageSize);
        var changes = new HashSet<uint> { 0 };
        for (var bit = 32; bit < 8 * run.Length; bit += step)
        {
            run[bit / 8] ^= (byte)(1 << (bit % 8));
            if (!changes.Add(OfRun(run, pageSize) ^ clear))
            {
                Assert.Fail($"bit {bit} changes the CRC as another one does, or not at all");
            }

            run[bit / 8] = 0;
        }
    }

    private static uint OfRun(ReadOnlySpan<byte> run, int pageSize)
    {
        if (run.Length == pageSize)
        {
            return PageChecksum.Compute(run);
        }

        var state = uint.MaxValue;
        for (var at = 0; at < run.Length; at += pageSize)
        {
            state = PageChecksum.AppendToRun(state, run.Slice(at, pageSize), isFirst: at == 0);
        }

        return ~state;
    }
}
