using Engine.Storage;
using Engine.Tests.Infrastructure;
using static Engine.Tests.Backups.BackupFixture;

namespace Engine.Tests.Backups;

/// <summary>What a backup reads, writes and leaves is in proportion to what is in it.</summary>
public class BackupSizeTests
{
    [Test]
    public void Increment_ReadsAboutAsManyPagesAsItWrites()
    {
        const int Changed = 5;
        var storage = new QuotaStorage();
        using (var database = Database.Open(storage, Sample.Options(4096)))
        {
            Sample.Fill(database, 0, 40_000, 100);
            database.Write(static tx =>
            {
                for (var i = 0; i < 300; i++)
                {
                    tx[tx.CreateTree($"tree {i}")].Put("k"u8, "v"u8);
                }
            });
        }

        // Opened anew: what counts as verified is what the backup has read.
        using (var database = Database.Open(storage, Sample.Options(4096)))
        {
            using var before = database.OpenSnapshot();
            for (var i = 0; i < Changed; i++)
            {
                Sample.Put(database, Sample.Key(i * 8_000), Sample.Bytes(20, -i));
            }

            using var after = database.OpenSnapshot();
            var verified = Verified(database);
            var info = after.BackUp(Stream.Null, new BackupOptions { Since = before });

            // The new root, branches and leaves; and the former root and branches of each commit, and no leaf beside.
            Assert.That(info.Pages, Is.InRange(2 * Changed, 4 * Changed));
            Assert.That(Verified(database) - verified, Is.LessThanOrEqualTo(3 * info.Pages!.Value));
        }
    }

    [Test]
    public void Restore_OfManyFreeRuns_HasALogInPages([Values(256, 4096)] int pageSize)
    {
        using var database = Sample.InMemory(pageSize);
        var half = pageSize / 2 - 60;
        Sample.Fill(database, 0, 6000, half);
        using (var transaction = database.BeginWrite())
        {
            // Every other leaf goes, so that the free pages do not lie together.
            for (var i = 0; i < 6000; i++)
            {
                if (i % 8 < 4)
                {
                    transaction.Main.Delete(Sample.Key(i));
                }
            }

            transaction.Commit();
        }

        for (var i = 0; i < 3; i++)
        {
            Sample.Put(database, Sample.Key(i * 1000 + 4), Sample.Bytes(half, i));
        }

        using var restored = OpenRestored(pageSize, BackUp(database));
        Assert.That(restored.GetStatistics().LogPages, Is.GreaterThan(pageSize == 256 ? 1 : 0));
        AssertSame(Sample.ReadAll(restored), Sample.ReadAll(database));
        Sample.Fill(restored, 0, 3000, half);
        Assert.That(restored.Check().IsOk);
    }

    [Test]
    public void Restore_OfAShrunkDatabase_HasThePagesOfTheLastState()
    {
        using var database = Sample.InMemory();
        Sample.Fill(database, 0, 5000);
        using var large = database.OpenSnapshot();
        var full = BackUp(large);
        using var small = Shrink(database, large);
        var second = BackUp(small, large);

        var storage = new MemoryStorage();
        var report = Restore(storage, full, second);
        storage.Exists(out var length);
        Assert.That(length, Is.EqualTo(report.PageCount * Sample.TinyPage));
        Assert.That(report.PageCount, Is.EqualTo(Backup.ReadInfo(new MemoryStream(second)).PageCount));
        Assert.That(report.FreePages, Is.GreaterThan(report.PageCount / 2));
    }

    [Test]
    public void LargeValues_AreBackedUpPageByPage()
    {
        using var database = Sample.InMemory(4096);
        Sample.Put(database, "large"u8, Sample.Bytes(4_000_000, 1));
        using var snapshot = database.OpenSnapshot();
        snapshot.BackUp(Stream.Null);
        var before = GC.GetAllocatedBytesForCurrentThread();
        snapshot.BackUp(Stream.Null);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(400_000));
        var stream = BackUp(snapshot);
        before = GC.GetAllocatedBytesForCurrentThread();
        Backup.Verify([new MemoryStream(stream)]);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(200_000));
        using var restored = OpenRestored(4096, stream);
        Sample.AssertBytes(Sample.Get(restored, "large"u8), Sample.Bytes(4_000_000, 1));
    }

    private static Snapshot Shrink(Database database, Snapshot large)
    {
        using (var transaction = database.BeginWrite())
        {
            transaction.Main.Clear();
            transaction.Main.Put("a"u8, "b"u8);
            transaction.Commit();
        }

        // While the base is open the pages of its state stay, and the state that follows has them as free.
        Assert.That(large.Main.Count, Is.EqualTo(5000));
        return database.OpenSnapshot();
    }

    private static int Verified(Database database)
    {
        var count = 0;
        foreach (var word in database.Core.VerifiedPages.Bits)
        {
            count += System.Numerics.BitOperations.PopCount(word);
        }

        return count;
    }
}
