using Engine.Storage;

namespace Engine.Tests.Storage;

/// <summary>Pieces of memory that are written one behind the other, in a file of the system and elsewhere.</summary>
public class GatheringWriteTests : StorageTest
{
    private const int Offset = 1000;

    [Test]
    public void Write_OfPieces_PutsThemBehindEachOther(
        [Values] bool onDisk,
        [Values(new[] { 4096 }, new[] { 1, 4096, 3, 70_000 }, new[] { 0, 5, 0, 7, 0 })] int[] lengths)
    {
        using var file = Open(onDisk);

        var written = Write(file, lengths);

        Assert.That(ReadBack(file, written.Length), Is.EqualTo(written));
        Assert.That(file.Length, Is.EqualTo(Offset + written.Length));
    }

    [Test]
    public void Write_OfMorePiecesThanTheSystemTakesAtOnce_WritesAllOfThem([Values] bool onDisk)
    {
        using var file = Open(onDisk);

        var written = Write(file, [.. Enumerable.Range(0, 1026).Select(static i => i % 7)]);

        Assert.That(ReadBack(file, written.Length), Is.EqualTo(written));
    }

    [Test]
    public void Write_OfPiecesBeyondWhatAFileCanBe_IsFull()
    {
        using var file = Open(onDisk: true);

        Assert.That(
            () => Write(file, [10, 10, 10], long.MaxValue - 20),
            Throws.TypeOf<StorageWriteException>().With.Property("IsFull").True);
    }

    [Test]
    public void Write_OfPiecesToAFileOpenedForReading_Fails()
    {
        using var file = Open(onDisk: true);
        using var reader = new FileStorage(DatabasePath).OpenFile(writable: false);

        Assert.That(
            () => Write(reader, [10, 10, 10]), Throws.TypeOf<StorageWriteException>().With.Property("IsFull").False);
        Assert.That(file.Length, Is.Zero);
    }

    [Test]
    public void Write_OfPiecesToAClosedFile_IsMisuse()
    {
        var file = Open(onDisk: true);
        file.Dispose();

        Assert.That(() => Write(file, [10, 10]), Throws.TypeOf<ObjectDisposedException>());
    }

    private IStorageFile Open(bool onDisk)
    {
        if (!onDisk)
        {
            return new MemoryStorage().CreateTemporary();
        }

        File.WriteAllBytes(DatabasePath, []);
        return new FileStorage(DatabasePath).OpenFile(writable: true);
    }

    /// <summary>Writes pieces of different places in memory, and returns their bytes.</summary>
    private static unsafe byte[] Write(IStorageFile file, int[] lengths, long offset = Offset)
    {
        var written = new byte[lengths.Sum()];
        new Random(lengths.Length).NextBytes(written);
        var memory = new byte[2 * written.Length];
        fixed (byte* first = memory)
        {
            // The last piece comes first, with gaps between them.
            var pieces = new MemoryPiece[lengths.Length];
            var from = 0;
            var to = memory.Length;
            for (var i = 0; i < lengths.Length; i++)
            {
                to -= 2 * lengths[i];
                written.AsSpan(from, lengths[i]).CopyTo(memory.AsSpan(to));
                pieces[i] = new MemoryPiece(first + to, lengths[i]);
                from += lengths[i];
            }

            // The first piece alone, and the rest together.
            var length = lengths[0];
            GatheringWrite[] writes =
                [
                    new(offset, length, 0, 1),
                    new(offset + length, written.Length - length, 1, lengths.Length - 1),
                ];
            file.Write(writes.AsSpan(0, Math.Min(2, lengths.Length)), pieces);
        }

        return written;
    }

    private static byte[] ReadBack(IStorageFile file, int length)
    {
        var read = new byte[length];
        file.Read(Offset, read);
        return read;
    }
}
