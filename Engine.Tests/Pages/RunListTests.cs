using Engine.Pages;

namespace Engine.Tests.Pages;

public class RunListTests
{
    [Test]
    public void List_OfRandomRuns_IsReadAsItWasWritten()
    {
        var random = new Random(3);
        Span<byte> entry = stackalloc byte[RunList.MaxEntryBytes];
        for (var round = 0; round < 200; round++)
        {
            var bytes = new List<byte>();
            var runs = new List<PageRun>();
            ulong next = 4;
            for (var i = random.Next(100); i > 0; i--)
            {
                var gap = (ulong)(random.NextInt64(1L << random.Next(40)) + (runs.Count == 0 ? 0 : 1));
                var pages = (uint)random.Next(1, 1 << random.Next(1, 30));
                bytes.AddRange(entry[..RunList.WriteEntry(entry, gap, pages)]);
                runs.Add(new PageRun(next + gap, pages));
                next += gap + pages;
            }

            var count = runs.Count;
            bytes.AddRange(new byte[random.Next(3)]);
            Assert.That(RunList.TryRead(bytes.ToArray(), count, 4, next, out var read));
            Assert.That(read, Is.EqualTo(runs));
            Assert.That(count == 0 || !RunList.TryRead(bytes.ToArray(), count, 4, next - 1, out _), "the last page");
        }
    }

    [TestCase(1, new byte[] { 0 }, TestName = "a run without a length")]
    [TestCase(1, new byte[] { 0, 0 }, TestName = "a run of no pages")]
    [TestCase(1, new byte[] { 0, 0x80 }, TestName = "a number without an end")]
    [TestCase(1, new byte[] { 97, 1 }, TestName = "a run behind the page count")]
    [TestCase(1, new byte[] { 96, 1 }, TestName = "a run that begins at the page count")]
    [TestCase(1, new byte[] { 0, 97 }, TestName = "a run that ends behind the page count")]
    [TestCase(1, new byte[] { 0, 1, 1 }, TestName = "a byte behind the list")]
    [TestCase(2, new byte[] { 0, 1 }, TestName = "fewer runs than were said")]
    [TestCase(
        2,
        new byte[] { 5, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 1 },
        TestName = "a gap that leads back")]
    [TestCase(
        1,
        new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02, 1 },
        TestName = "a number of 65 bits")]
    [TestCase(
        1,
        new byte[] { 0, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0 },
        TestName = "a number of eleven bytes")]
    public void Bytes_ThatAreNoList_AreNotRead(int count, byte[] bytes) =>
        Assert.That(RunList.TryRead(bytes, count, 4, 100, out _), Is.False);

    [Test]
    public void List_OfVersion2_IsReadAsOneOfVersion3()
    {
        var entries = new byte[24];
        entries[0] = 9;
        entries[8] = 2;
        entries[12] = 20;
        entries[20] = 1;
        Assert.That(RunList.TryRead(RunList.FromVersion2(entries, 2, 4), 2, 4, 100, out var runs));
        Assert.That(runs, Is.EqualTo(new[] { new PageRun(9, 2), new PageRun(20, 1) }));
        entries[12] = 10;
        Assert.That(RunList.TryRead(RunList.FromVersion2(entries, 2, 4), 2, 4, 100, out _), Is.False, "they overlap");
    }
}
