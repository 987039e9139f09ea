using System.Diagnostics;
using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Processes;

/// <summary>Opening costs the same whatever the size of the database, also after the process was killed.</summary>
[Category(Categories.Process), NonParallelizable]
public class OpenTimeTests
{
    [Test]
    public void OpenAndClose_ReadAndWriteAsMuch_InASmallAndALargeDatabase([Values] bool killed)
    {
        var small = Measure(1 << 20, killed);
        var large = Measure(96 << 20, killed);
        TestContext.Out.WriteLine($"small: {small}, large: {large}");
        Assert.That(large.Read, Is.EqualTo(small.Read).Within(32 * 1024), "bytes read");
        Assert.That(large.Written, Is.EqualTo(small.Written).Within(32 * 1024), "bytes written");
        Assert.That(large.Flushes, Is.EqualTo(small.Flushes));
        Assert.That(large.Read + large.Written, Is.LessThan(256 * 1024));
        Assert.That(killed || large.Written == 0, "opening and closing in good order writes nothing");
    }

    [Test, Explicit(
        "Writes a gigabyte, and its numbers are for people: dotnet test --filter OpenTime -- "
        + "NUnit.ShowInternalProperties=true")]
    public void OpenAndClose_OfOneGibibyteAgainstOneMebibyte_Timed()
    {
        foreach (var killed in new[] { false, true })
        {
            foreach (var bytes in new[] { 1L << 20, 1L << 30 })
            {
                using var directory = new TempDirectory();
                Build(directory.DatabasePath, bytes);
                var times = new List<double>();
                for (var i = 0; i < 31; i++)
                {
                    var watch = Stopwatch.StartNew();
                    var database = Database.Open(directory.DatabasePath);
                    var opened = watch.Elapsed;
                    Sample.Put(database, Sample.Key(i), "x"u8);
                    watch.Restart();
                    End(database, killed);
                    times.Add((opened + watch.Elapsed).TotalMilliseconds);
                }

                times.Sort();
                TestContext.Out.WriteLine(
                    $"{bytes >> 20,5:N0} MiB, {(killed ? "killed" : "closed")}: median {times[15]:F2} ms, fastest "
                    + $"{times[0]:F2}, slowest {times[^1]:F2}");
            }
        }
    }

    private static (long Read, long Written, int Flushes) Measure(long bytes, bool killed)
    {
        using var directory = new TempDirectory();
        Build(directory.DatabasePath, bytes);
        var database = Database.Open(directory.DatabasePath);
        Sample.Put(database, Sample.Key(5), "x"u8);
        End(database, killed);

        var storage = new CountingStorage(new FileStorage(directory.DatabasePath));
        Database.Open(storage, new DatabaseOptions()).Dispose();
        return (storage.Counts.ReadBytes, storage.Counts.WrittenBytes, storage.Counts.Flushes);
    }

    /// <summary>Half in small entries, half in values of 200 KB.</summary>
    private static void Build(string path, long bytes)
    {
        using var database = Database.Open(path);
        var (small, large) = (Sample.Bytes(400, 1), Sample.Bytes(200_000, 2));
        var (entries, values) = ((int)(bytes / 2 / 450), (int)(bytes / 2 / large.Length));
        for (var from = 0; from < entries; from += 100_000)
        {
            using var transaction = database.BeginWrite();
            for (var i = from; i < Math.Min(entries, from + 100_000); i++)
            {
                transaction.Main.Put(Sample.Key(i), small);
            }

            transaction.Commit();
        }

        for (var from = 0; from < values; from += 500)
        {
            using var transaction = database.BeginWrite();
            for (var i = from; i < Math.Min(values, from + 500); i++)
            {
                transaction.Main.Put([.. Sample.Key(i), 1], large);
            }

            transaction.Commit();
        }
    }

    private static void End(Database database, bool killed)
    {
        if (!killed)
        {
            database.Dispose();
            return;
        }

        // As the files see the death of the process.
        database.Core.LockFile.Abandon();
        database.Core.File.Dispose();
    }
}
