using System.Diagnostics;
using Engine.Integrity;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Integrity;

/// <summary>Whatever the bytes are, the check ends soon, with a report and without an exception.</summary>
public sealed class HostileFileTests
{
    [Test, Sampled("isVerified", 1)]
    public void Check_OfAnyFlippedBit_DetectsItOrNothingUsesTheByte([Values(false, true)] bool isVerified)
    {
        var image = Image(isVerified);
        var unused = UnusedBytes(image);
        var random = new Random(7);
        var file = image.File;
        Assert.That(Check(file).Problems, Is.Empty);

        // The blocks are under one checksum each, so a sample of their bytes will do; a step of 5 meets every offset of
        // a field.
        for (var at = 0; at < file.Length; at += at < 16380 ? 5 : 1)
        {
            var bit = (byte)(1 << random.Next(8));
            file[at] ^= bit;
            var report = at % 4 == 0 ? Check(file) : IntegrityCheck.Run(new MemoryPageReader(file));
            file[at] ^= bit;

            // A note means: noticed, and such as a crash could have left as well.
            var isDetected = !report.IsOk || report.Notes.Count > 0;
            Assert.That(
                isDetected, Is.Not.EqualTo(unused[at]), $"byte {at} (page {at / image.PageSize}) ^ {bit}: {report}");
        }
    }

    [Test, Sampled("seed", 2)]
    public void Check_OfAnyDamageUnderRightChecksums_EndsWithAReport([Values(1, 2, 3, 4)] int seed)
    {
        var random = new Random(seed);
        var clean = Image(isVerified: seed % 2 == 0);
        var limit = 40L * clean.Bytes.Length;
        var damaged = 0;
        for (var run = 0; run < 2500; run++)
        {
            var image = clean.Clone();
            for (var change = random.Next(1, 4); change > 0; change--)
                Damage(image, random);
            image.Mend();

            var report = run % 4 == 0 ? AnyDegree.Check(CheckIt) : CheckIt(1);
            damaged += report.IsOk ? 0 : 1;

            IntegrityReport CheckIt(int degree)
            {
                var reader = new MemoryPageReader(image.File);
                var report = IntegrityCheck.Run(
                    reader, new IntegrityCheckOptions { MaxDegreeOfParallelism = degree });
                Assert.That(reader.BytesRead, Is.LessThan(limit), $"run {run}");
                return report;
            }
        }

        // Some changes are in values and in free pages; most are in structures.
        Assert.That(damaged, Is.GreaterThan(1250));
    }

    [Test]
    public void Check_OfJunk_EndsWithAReport()
    {
        var random = new Random(11);
        for (var run = 0; run < 3000; run++)
        {
            var bytes = new byte[random.Next(70_000)];
            random.NextBytes(bytes);
            Assert.That(Check(bytes).IsOk, Is.False);
        }
    }

    [Test]
    public void Check_OfJunkBehindRightMetas_EndsWithAReport()
    {
        var random = new Random(13);
        for (var run = 0; run < 1000; run++)
        {
            var image = Image(isVerified: run % 2 == 0);
            random.NextBytes(image.Bytes.AsSpan(12288));
            if (run % 3 == 0)
                random.NextBytes(image.Meta[random.Next(36, 1280)..4088]);
            image.MendBlocks();

            Check(image.File);
        }
    }

    [Test]
    public void Check_OfTruncatedFile_EndsWithAReportAtAnyLength()
    {
        var image = Image(isVerified: false);
        for (var length = 0; length < image.Bytes.Length - image.PageSize; length += 101)
            Assert.That(Check(image.File[..length]).IsOk, Is.False, $"{length} bytes");
    }

    [Test]
    public void Check_OfLogThatFreesAndAllocatesEverythingAgainAndAgain_EndsSoon()
    {
        // 2^40 pages that the file does not really have; the work must follow the bytes of the log, not what they
        // claim.
        var builder = new ImageBuilder(65536);
        var entries = new ImageLog().Group(9);
        var hole = builder.Hole(1);
        while (entries.Length < 65_000)
            entries.Free(1, 1UL << 40).Allocate(1, 1UL << 40);
        for (var i = 0; i < 10; i++)
            builder.LogPage(entries);
        builder.LogHead.Group(9).Free(hole, 1);
        var image = builder.Build();
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(image.Meta[48..], (1UL << 40) + 1);
        image.Mend();
        var watch = Stopwatch.StartNew();

        var report = IntegrityCheck.Run(new SparseReader(image.File, 1L << 57));

        Assert.That(report.FreePages, Is.EqualTo(1));
        Assert.That(report.LeakedPages, Is.EqualTo((1UL << 40) - 11));
        Assert.That(watch.Elapsed, Is.LessThan(Patience.Limit));
    }

    [Test]
    public void Check_OfManyPages_AllocatesNothingForAPage([Values(1, AnyDegree.Several)] int degree)
    {
        var builder = new ImageBuilder(256) { OldestBirth = 3 };
        builder.Default.InlineLimit = 10;
        builder.Default.Fill(20_000).Fill(300, "long-", 300);
        var reader = new MemoryPageReader(builder.Build().File);
        var options = new IntegrityCheckOptions { MaxDegreeOfParallelism = degree };
        IntegrityCheck.Run(reader, options);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var report = IntegrityCheck.Run(reader, options);

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(report.IsOk, report.ToString());
        Assert.That(allocated, Is.LessThan(400_000 + report.PageCount), $"{report.PageCount} pages");
    }

    private static IntegrityReport Check(byte[] bytes) => AnyDegree.Check(bytes);

    private static TestImage Image(bool isVerified)
    {
        var builder = new ImageBuilder(256) { IsVerified = isVerified, OldestBirth = 7 };
        var hole = builder.Hole(2);
        builder.Default.InlineLimit = 20;
        builder.Default.Fill(30).Put("key-00003", new string('o', 30)).Put("key-00017", new string('o', 500));
        builder.Tree("t").Fill(12);
        builder.LogPage(new ImageLog().Group(4).Free(hole, 1, 1));
        builder.LogPage(new ImageLog().Group(6).Free(hole + 1, 1, 3));
        builder.Slack = 100;
        return builder.Build();
    }

    /// <summary>The bytes of free pages and those behind the last page.</summary>
    private static bool[] UnusedBytes(TestImage image)
    {
        var unused = new bool[image.Bytes.Length];
        Array.Fill(unused, true);
        unused.AsSpan(0, 16384).Clear();
        foreach (var page in image.Pages)
            unused.AsSpan((int)page.Number * image.PageSize, page.Length * image.PageSize).Clear();
        return unused;
    }

    private static void Damage(TestImage image, Random random)
    {
        var page = image.Pages[random.Next(image.Pages.Count)];
        var bytes = random.Next(6) == 0
            ? image.Meta[32..4088]
            : image.Bytes.AsSpan((int)page.Number * image.PageSize, page.Length * image.PageSize)[4..];

        // Headers and slots more often than values.
        var at = random.Next(random.Next(2) == 0 ? Math.Min(90, bytes.Length) : bytes.Length);
        switch (random.Next(4))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes[at..Math.Min(at + 8, bytes.Length)].Fill(random.Next(2) == 0 ? (byte)0 : (byte)0xFF);
                break;
            default:
                var other = image.Pages[random.Next(image.Pages.Count)];
                System.Buffers.Binary.BinaryPrimitives.TryWriteUInt64LittleEndian(bytes[at..], other.Number);
                break;
        }
    }

    /// <summary>A file with zeros behind the given bytes, of any length.</summary>
    private sealed class SparseReader(byte[] bytes, long length) : IPageReader
    {
        public long Length => length;

        public void Read(long offset, Span<byte> destination)
        {
            destination.Clear();
            if (offset < bytes.Length)
                bytes.AsSpan((int)offset, (int)Math.Min(destination.Length, bytes.Length - offset)).CopyTo(destination);
        }
    }
}
