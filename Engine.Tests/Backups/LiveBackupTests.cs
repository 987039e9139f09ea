using Engine.Tests.Infrastructure;
using static Engine.Tests.Backups.BackupFixture;

namespace Engine.Tests.Backups;

/// <summary>Backups of a database that is written to all the time.</summary>
public class LiveBackupTests
{
    private const int Links = 6;
    private const int Keys = 500;

    [Test]
    public async Task Chain_TakenUnderWrites_RestoresTheStatesOfItsSnapshots()
    {
        using var directory = new TempDirectory();
        using var database = Database.Open(directory.DatabasePath, Sample.Options(Sample.TinyPage));
        Sample.Fill(database, 0, Keys);
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(() => WriteUntil(database, stop.Token));

        var paths = new List<string>();
        var expected = new List<SortedDictionary<byte[], byte[]>>();
        Snapshot? last = null;
        for (var i = 0; i < Links; i++)
        {
            // So that something is written in between.
            var before = database.GetStatistics().TransactionId;
            SpinWait.SpinUntil(() => database.GetStatistics().TransactionId > before + 3, 10_000);
            var snapshot = database.OpenSnapshot();
            paths.Add(directory.File($"{i}.backup"));
            await using (var file = File.Create(paths[i]))
            {
                var options = new BackupOptions { Since = last, Compression = (BackupCompression)(i % 3) };
                var info = await snapshot.BackUpAsync(file, options);
                Assert.That(info.Pages, Is.GreaterThan(0));
            }

            using (var read = snapshot.BeginRead())
            {
                expected.Add(Sample.Copy(read.Main));
            }

            last?.Dispose();
            last = snapshot;
        }

        last!.Dispose();
        await stop.CancelAsync();
        await writer;
        Assert.That(Backup.Verify(paths), Has.Count.EqualTo(Links));
        for (var i = 0; i < Links; i++)
        {
            var restoredPath = directory.File($"restored {i}.db");
            Backup.Restore(paths.Take(i + 1), restoredPath);
            using var restored = Database.Open(restoredPath, Sample.Options(Sample.TinyPage));
            using var read = restored.BeginRead();
            Sample.AssertSame(Sample.Copy(read.Main), expected[i]);
        }

        Assert.That(Directory.GetFiles(directory.Root, "*-new-*"), Is.Empty);
    }

    [Test]
    public void Backup_InAReadingProcessesPlace_IsTheSame()
    {
        using var directory = new TempDirectory();
        using var writer = Database.Open(directory.DatabasePath, Sample.Options(Sample.TinyPage));
        Sample.Fill(writer, 0, Keys);
        using var reader = Database.Open(
            directory.DatabasePath, new DatabaseOptions { ReadOnly = true, AllowTestPageSizes = true });
        using var first = reader.OpenSnapshot();
        Sample.Fill(writer, 0, 10, 3);
        using var second = reader.OpenSnapshot();
        using var same = writer.OpenSnapshot();
        Assert.That(BackUp(second), Is.EqualTo(BackUp(same)));
        using var restored = OpenRestored(Sample.TinyPage, BackUp(first), BackUp(second, first));
        AssertSame(Sample.ReadAll(restored), Sample.ReadAll(writer));
    }

    private static void WriteUntil(Database database, CancellationToken stop)
    {
        var random = new Random(5);
        while (!stop.IsCancellationRequested)
        {
            using var transaction = database.BeginWrite();
            for (var i = 0; i < 10; i++)
            {
                var key = random.Next(Keys * 2);
                if (random.Next(3) == 0)
                {
                    transaction.Main.Delete(Sample.Key(key));
                }
                else
                {
                    transaction.Main.Put(Sample.Key(key), Sample.Bytes(random.Next(20) == 0 ? 900 : 15, key));
                }
            }

            transaction.Commit(CommitMode.Deferred);
        }
    }
}
