using Engine.Pages;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>Keys and values at the edges of what the format allows.</summary>
public class EntryLimitTests
{
    [Test]
    public void EmptyKeyAndEmptyValue_AreEntriesLikeOthers()
    {
        using var database = Sample.InMemory();
        Sample.Put(database, default, "value of the empty key"u8);
        Sample.Put(database, "a"u8, default);
        using var read = database.BeginRead();
        Assert.That(read.Main.Get(default), Is.EqualTo("value of the empty key"u8.ToArray()));
        Assert.That(read.Main.Get("a"u8), Is.Empty);
        Assert.That(read.Main.TryGet("a"u8, out var value) && value.IsEmpty);
        Assert.That(read.Main.TryGetFirst(out var first) && first.Key.IsEmpty);
    }

    [Test]
    public void Key_OfTheLimit_IsTaken_AndOneMoreIsRefusedWithoutAChange([Values(256, 512, 4096, 65536)] int pageSize)
    {
        using var database = Sample.InMemory(pageSize);
        var limit = database.MaxKeyLength;
        using var transaction = database.BeginWrite();
        for (var i = 0; i < 40; i++)
        {
            transaction.Main.Put(Sample.Bytes(limit, i), Sample.Bytes(10, i));
        }

        var tooLong = new byte[limit + 1];
        var error = Assert.Throws<KeyTooLongException>(() => transaction.Main.Put(tooLong, "v"u8));
        Assert.That((error.Length, error.Limit), Is.EqualTo((limit + 1, limit)));
        Assert.Throws<KeyTooLongException>(() => transaction.Main.TryAdd(tooLong, "v"u8));
        Assert.Throws<KeyTooLongException>(() => transaction.Main.Put(tooLong, 1, 0, static (_, _) => { }));
        Assert.Throws<KeyTooLongException>(() => transaction.Main.OpenCursor().Put(tooLong, "v"u8));
        Assert.That(transaction.Main.Delete(tooLong), Is.False);
        Assert.That(transaction.Main.DeleteRange(tooLong, tooLong), Is.Zero);
        Assert.That(transaction.Main.Get(tooLong), Is.Null);
        transaction.Commit();

        var entries = Sample.ReadAll(database)[string.Empty];
        Assert.That(entries, Has.Count.EqualTo(40));
        Sample.AssertBytes(entries[Sample.Bytes(limit, 39)], Sample.Bytes(10, 39));
    }

    [Test]
    public void Value_AroundTheInlineLimit_IsReadBackWhole(
        [Values(256, 4096, 65536)] int pageSize, [Values(0, 1, 1000)] int keyLength)
    {
        using var database = Sample.InMemory(pageSize);
        var key = Sample.Bytes(Math.Min(keyLength, database.MaxKeyLength), 1);
        var limit = PageLayout.MaxLeafCell(pageSize) - PageLayout.LeafCellHeader - key.Length;
        foreach (var length in new[]
        {
            limit - 1, limit, limit + 1, limit, limit + 2, pageSize - 32, pageSize - 31, (2 * pageSize) - 32, 0,
            3 * pageSize
        })
        {
            var value = Sample.Bytes(length, length);
            Sample.Put(database, key, value);
            Assert.That(Sample.Get(database, key), Is.EqualTo(value));
            var statistics = database.GetStatistics().Main;
            var pages = length <= limit ? 0 : (length + 32 + pageSize - 1) / pageSize;
            Assert.That(statistics.OverflowPages, Is.EqualTo((ulong)pages), $"{length} bytes");
        }
    }

    [Test]
    public void Value_AroundTheThresholdOfEarlyWriting_IsReadBackWhole_CommittedAbortedOrOverwritten(
        [Values(4096, 65536)] int pageSize)
    {
        using var database = Database.OpenInMemory(new DatabaseOptions { PageSize = pageSize });
        const int Threshold = 256 * 1024;
        foreach (var length in new[]
        {
            Threshold - 1, Threshold, Threshold + 1, Threshold - 32, Threshold + 4096, 1_500_000
        })
        {
            using (var transaction = database.BeginWrite())
            {
                transaction.Main.Put("a"u8, Sample.Bytes(length, 1));
                Sample.AssertBytes(transaction.Main.Get("a"u8), Sample.Bytes(length, 1));
                transaction.Main.Put("a"u8, Sample.Bytes(length, 2));
                transaction.Main.Put("b"u8, Sample.Bytes(length, 3));
                Assert.That(transaction.Main.TryAdd("b"u8, Sample.Bytes(length, 4)), Is.False);
                transaction.Main.Put(
                    "c"u8, length, 5, static (span, seed) => Sample.Bytes(span.Length, seed).CopyTo(span));
                transaction.Main.Delete("b"u8);
                transaction.Commit();
            }

            using (var transaction = database.BeginWrite())
            {
                transaction.Main.Put("a"u8, Sample.Bytes(length, 9));
                transaction.Abort();
            }

            Sample.AssertBytes(Sample.Get(database, "a"u8), Sample.Bytes(length, 2));
            Assert.That(Sample.Get(database, "b"u8), Is.Null);
            Sample.AssertBytes(Sample.Get(database, "c"u8), Sample.Bytes(length, 5));
        }

        var numbers = database.GetStatistics();
        Assert.That(
            numbers.FreePages,
            Is.EqualTo(database.Core.Writer!.SpaceCounts.Reusable + database.Core.Writer!.SpaceCounts.Pending));
    }

    [Test]
    public void EarlyWrittenValues_WhenAborted_GiveTheirPagesBack()
    {
        using var database = Database.OpenInMemory();
        Sample.Put(database, "a"u8, "1"u8);
        var value = Sample.Bytes(400_000, 1);
        for (var i = 0; i < 30; i++)
        {
            using var transaction = database.BeginWrite();
            transaction.Main.Put("big"u8, value);
        }

        Sample.Put(database, "a"u8, "2"u8);
        Assert.That(database.GetStatistics().PageCount, Is.LessThan(20));
        Assert.That(database.GetStatistics().FileLength, Is.LessThan(1_000_000));
    }

    [Test]
    public void FillInPlace_SeesZeros_WhateverLayThereBefore([Values(10, 2000, 100_000, 300_000)] int length)
    {
        using var database = Database.OpenInMemory();
        using var transaction = database.BeginWrite();
        for (var i = 0; i < 5; i++)
        {
            transaction.Main.Put(Sample.Key(i), Enumerable.Repeat((byte)0xAA, length).ToArray());
            transaction.Main.Put(Sample.Key(i), length, 0, static (span, _) =>
            {
                Assert.That(span.IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
                span[^1] = 7;
            });
        }

        transaction.Commit();
        var value = Sample.Get(database, Sample.Key(3))!;
        Assert.That((value.Length, value[^1], value.Sum(b => b)), Is.EqualTo((length, (byte)7, 7)));
    }

    [Test]
    public void ValueLength_OutOfRange_IsRefused()
    {
        using var database = Database.OpenInMemory();
        using var transaction = database.BeginWrite();
        Assert.Throws<ArgumentOutOfRangeException>(() => transaction.Main.Put("a"u8, -1, 0, static (_, _) => { }));
        Assert.Throws<ArgumentNullException>(() => transaction.Main.Put("a"u8, 1, 0, null!));
        transaction.Main.Put("a"u8, 0, 0, static (span, _) => Assert.That(span.IsEmpty));
        transaction.Commit();
        Assert.That(Sample.Get(database, "a"u8), Is.Empty);
    }

    [Test, Explicit("Needs 5 GB of memory and disk.")]
    public void LongestValue_IsReadBackWhole()
    {
        using var directory = new TempDirectory();
        using var database = Database.Open(directory.DatabasePath);
        using (var transaction = database.BeginWrite())
        {
            transaction.Main.Put("a"u8, int.MaxValue, 0, static (span, _) => span[^1] = 5);
            transaction.Commit();
        }

        using var read = database.BeginRead();
        Assert.That(read.Main.TryGet("a"u8, out var value) && value.Length == int.MaxValue && value[^1] == 5);
    }
}
