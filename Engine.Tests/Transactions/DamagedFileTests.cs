using System.Buffers.Binary;
using Engine.Pages;
using Engine.Storage;

namespace Engine.Tests.Transactions;

/// <summary>
/// Files that were changed on purpose, with checksums that fit: a typed exception, never a wrong access, never a commit
/// that is lost later.
/// </summary>
public class DamagedFileTests : TransactionTest
{
    private const int PageSize = 4096;

    [Test]
    public void Enumerators_AfterMeetingACorruptPage_StandOnNoEntry()
    {
        using var storage = new FaultStorage();
        Fill(storage);

        // The last leaf is damaged: found by walking, from both ends of what is before it.
        var pages = LeafPages(storage);
        Change(storage, pages[^1], static page => page[100] ^= 1);
        Change(storage, pages[0], static page => page[100] ^= 1);
        using var database = Open(storage);
        using var read = database.BeginRead();
        var from = BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(300));

        var range = read.Main.From(from).GetEnumerator();
        var failures = 0;
        try
        {
            while (range.MoveNext())
            {
            }
        }
        catch (DatabaseCorruptException)
        {
            failures++;
        }

        try
        {
            _ = range.Current;
        }
        catch (InvalidOperationException)
        {
            failures++;
        }

        var reverse = read.Main.Until(from).Reverse().GetEnumerator();
        try
        {
            while (reverse.MoveNext())
            {
            }
        }
        catch (DatabaseCorruptException)
        {
            failures++;
        }

        try
        {
            _ = reverse.Current;
        }
        catch (InvalidOperationException)
        {
            failures++;
        }

        Assert.That(failures, Is.EqualTo(4));
        Assert.That(range.MoveNext(), Is.False);
        Assert.That(reverse.MoveNext(), Is.False);
    }

    [Test]
    public void Cursor_AfterMeetingACorruptPage_StandsOnNoEntry([Values] bool forward)
    {
        using var storage = new FaultStorage();
        Fill(storage);
        var pages = LeafPages(storage);
        Change(storage, pages[^1], static page => page[100] ^= 1);
        Change(storage, pages[0], static page => page[100] ^= 1);
        using var database = Open(storage);
        using var read = database.BeginRead();
        var cursor = read.Main.OpenCursor();
        cursor.Seek(BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(300)));
        var failures = 0;
        try
        {
            while (forward ? cursor.MoveNext() : cursor.MovePrevious())
            {
            }
        }
        catch (DatabaseCorruptException)
        {
            failures++;
        }

        Assert.That(failures, Is.EqualTo(1));
        Assert.That(cursor.IsValid, Is.False);
        Assert.That(forward ? cursor.MoveNext() : cursor.MovePrevious(), Is.False);
    }

    [Test]
    public void RollBackTo_AfterAnOperationThatMetACorruptPageInItsMiddle_HealsTheTransaction([Values] bool nested)
    {
        using var storage = new FaultStorage();
        Fill(storage);
        Change(storage, LeafPages(storage)[^2], static page => page[100] ^= 1);
        using var database = Open(storage);
        using (var transaction = database.BeginWrite())
        {
            transaction.Main.Put("before"u8, "v"u8);
            var count = transaction.Main.Count;
            if (nested)
            {
                using var attempt = transaction.BeginNested();
                Assert.That(() => attempt.Main.DeleteFrom(default), Throws.TypeOf<DatabaseCorruptException>());
                Assert.That(() => attempt.Commit(), Throws.InvalidOperationException);
            }
            else
            {
                var savepoint = transaction.Savepoint();
                Assert.That(() => transaction.Main.DeleteFrom(default), Throws.TypeOf<DatabaseCorruptException>());
                Assert.That(() => transaction.Main.Get("before"u8), Throws.InvalidOperationException);
                transaction.RollBackTo(savepoint);
            }

            Assert.That(transaction.Main.Count, Is.EqualTo(count));
            Assert.That(transaction.Main.Get("before"u8), Is.EqualTo("v"u8.ToArray()));
            transaction.Commit();
        }

        using var read = database.BeginRead();
        Assert.That(read.Main.Get("before"u8), Is.EqualTo("v"u8.ToArray()));
        Assert.That(read.Main.TryGetFirst(out var first) && first.Value.Length > 0);
    }

    [Test]
    public void Commit_WhenTheCountsOfATreeWereForged_IsRefusedInsteadOfLostAtTheNextOpen()
    {
        using var storage = new FaultStorage();
        Fill(storage);
        ChangeMeta(storage, static block => BinaryPrimitives.WriteUInt64LittleEndian(block[(64 + 16)..], 5));
        using (var database = Open(storage))
        {
            using var transaction = database.BeginWrite();
            transaction.Main.DeleteFrom(default);
            Assert.That(() => transaction.Commit(), Throws.TypeOf<DatabaseCorruptException>());
        }

        using var again = Open(storage);
        Assert.That(again.GetStatistics().Main.LeafPages, Is.GreaterThan(0));
    }

    [Test]
    public void CreateTree_WhenTheNextIdIsImpossible_IsRefusedInsteadOfWritten(
        [Values(0UL, 1UL, ulong.MaxValue)] ulong nextId)
    {
        using var storage = new FaultStorage();
        Fill(storage);
        ChangeMeta(storage, block => BinaryPrimitives.WriteUInt64LittleEndian(block[216..], nextId));
        using var database = Open(storage);
        using var transaction = database.BeginWrite();
        Assert.That(() => transaction.CreateTree("new"), Throws.TypeOf<DatabaseCorruptException>());
    }

    [Test]
    public void Open_WhenTheDefaultTreeHasUnknownFlags_SaysThatANewerEngineIsNeeded()
    {
        using var storage = new FaultStorage();
        Fill(storage);
        ChangeMeta(storage, static block => block[64 + 13] = 1);
        Assert.That(() => Open(storage), Throws.TypeOf<DatabaseFormatException>());
    }

    [Test]
    public void Open_WhenAMetaHasAnImpossibleId_IsCorrupt()
    {
        using var storage = new FaultStorage();
        Open(storage).Dispose();
        using (var file = storage.OpenFile(writable: true))
        {
            var block = new byte[4096];
            file.Read(4096, block);
            BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(32), ulong.MaxValue);
            Seal(block);
            file.Write(8192, block);
        }

        Assert.That(() => Open(storage), Throws.TypeOf<DatabaseCorruptException>());
    }

    [Test]
    public void Page_OfALargeValue_IsNeverTakenForATreePage()
    {
        // A leaf is read, so that it counts as verified; then its page is freed and becomes the second page of a large
        // value that looks like another leaf.
        using var database = Database.OpenInMemory(Defaults);
        Put(database, "key"u8, "value"u8);
        Get(database, "key"u8);
        Put(database, "large"u8, Bytes(1 << 20));

        var verified = database.Core.VerifiedPages;
        using var read = database.BeginRead();
        Assert.That(read.Main.TryGet("large"u8, out _), Is.True);
        var marked = 0;
        foreach (var word in verified.Bits)
        {
            marked += System.Numerics.BitOperations.PopCount(word);
        }

        Assert.That(marked, Is.LessThan(20));
    }

    private static void Fill(FaultStorage storage)
    {
        using var database = Open(storage);
        using (var transaction = database.BeginWrite())
        {
            for (var i = 0; i < 600; i++)
            {
                transaction.Main.Put(BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(i)), Bytes(100, i));
            }

            transaction.Commit();
        }

        // The pages of the newest commit are looked at by recovery; these are not its own any more.
        using var another = database.BeginWrite();
        another.CreateTree("another");
        another.Commit();
    }

    /// <summary>The leaves that the root names, in order.</summary>
    private static List<ulong> LeafPages(FaultStorage storage)
    {
        using var file = storage.OpenFile(writable: false);
        var meta = Newest(file, out _);
        var root = BinaryPrimitives.ReadUInt64LittleEndian(meta.AsSpan(64));
        Assert.That(meta[64 + 12], Is.EqualTo(2));
        var page = new byte[PageSize];
        file.Read((long)root * PageSize, page);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(page.AsSpan(24));
        var children = new List<ulong>();
        for (var i = 0; i < count; i++)
        {
            children.Add(BinaryPrimitives.ReadUInt64LittleEndian(page.AsSpan(32 + (4 * count) + (12 * i))));
        }

        return children;
    }

    private static void Change(FaultStorage storage, ulong page, Action<byte[]> change)
    {
        using var file = storage.OpenFile(writable: true);
        var bytes = new byte[PageSize];
        file.Read((long)page * PageSize, bytes);
        change(bytes);
        file.Write((long)page * PageSize, bytes);
    }

    private static void ChangeMeta(FaultStorage storage, SpanAction change)
    {
        using var file = storage.OpenFile(writable: true);
        var block = Newest(file, out var offset);
        change(block);
        Seal(block);
        file.Write(offset, block);
    }

    private static byte[] Newest(IStorageFile file, out long offset)
    {
        var blocks = new[] { new byte[4096], new byte[4096] };
        file.Read(4096, blocks[0]);
        file.Read(8192, blocks[1]);
        var newest = BinaryPrimitives.ReadUInt64LittleEndian(blocks[0].AsSpan(32))
            > BinaryPrimitives.ReadUInt64LittleEndian(blocks[1].AsSpan(32))
            ? 0
            : 1;
        offset = 4096 * (newest + 1);
        return blocks[newest];
    }

    private static void Seal(byte[] block) =>
        BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(4088), XxHash64.Hash(block.AsSpan(0, 4088)));

    private delegate void SpanAction(Span<byte> block);
}
