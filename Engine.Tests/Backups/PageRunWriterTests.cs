using Engine.Backups;
using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Backups;

/// <summary>Pages that are restored are written together where they follow each other.</summary>
public class PageRunWriterTests
{
    private const int PageSize = 512;

    [TestCase(PageSize)]
    [TestCase(3 * PageSize)]
    [TestCase((3 * PageSize) + 100)]
    [TestCase(1024 * PageSize)]
    public void Write_InWhateverOrder_LeavesTheLastOfEachPage(int capacity)
    {
        using var storage = new MemoryStorage();
        using var file = storage.CreateTemporary();
        var writer = new PageRunWriter(file, capacity);
        var random = new Random(capacity);
        var expected = new byte[50 * PageSize];
        file.SetLength(expected.Length);
        for (var i = 0; i < 500; i++)
        {
            // Runs of all lengths, forwards; some pages again.
            var page = random.Next(50);
            for (var length = random.Next(1, 9); length > 0 && page < 50; length--, page++)
            {
                var bytes = expected.AsSpan(page * PageSize, PageSize);
                random.NextBytes(bytes);
                writer.Write(page * PageSize, bytes);
            }
        }

        writer.Complete();

        var found = new byte[expected.Length];
        file.Read(0, found);
        Assert.That(found, Is.EqualTo(expected));
    }

    [Test]
    public void Write_OfPagesInARow_WritesThemTogether()
    {
        using var memory = new MemoryStorage();
        var storage = new CountingStorage(memory);
        using var file = storage.CreateTemporary();
        var writer = new PageRunWriter(file, 4 * PageSize);
        foreach (var page in new[] { 7, 8, 9, 10, 11, 12, 20, 21, 3 })
        {
            writer.Write(page * PageSize, new byte[PageSize]);
        }

        writer.Complete();
        writer.Complete();

        Assert.That(storage.Counts.Writes, Has.Count.EqualTo(4));
    }
}
