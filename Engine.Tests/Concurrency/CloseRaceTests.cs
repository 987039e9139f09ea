using Engine.Tests.Infrastructure;
using Engine.Transactions;

namespace Engine.Tests.Concurrency;

/// <summary>
/// A database that is closed while other threads begin to read and to write: each of them works, or is told, and
/// nothing breaks.
/// </summary>
public class CloseRaceTests
{
    [Test]
    public void ReadTransaction_BegunJustBeforeTheDatabaseIsClosed_IsTold([Values] bool inMemory)
    {
        using var directory = new TempDirectory();
        var database = Open(directory, inMemory);
        Sample.Put(database, "a"u8, "1"u8);
        var context = database.Core.Readers.BeginRead(out var epoch);
        database.Dispose();
        var isTold = false;
        try
        {
            _ = new ReadTransaction(database, context, epoch, token: null).Main.Count;
        }
        catch (ObjectDisposedException)
        {
            isTold = true;
        }

        Assert.That(isTold);
    }

    [Test]
    public void ReadTransaction_BegunWhileTheDatabaseIsClosed_IsTold([Values] bool inMemory, [Values] bool whenChosen)
    {
        using var directory = new TempDirectory();
        var database = Open(directory, inMemory);
        Sample.Put(database, "a"u8, "1"u8);
        var isTold = false;
        try
        {
            var context = database.Core.Readers.BeginRead(new Closing(database, whenChosen), out var epoch);
            _ = new ReadTransaction(database, context, epoch, token: null).Main.Count;
        }
        catch (ObjectDisposedException)
        {
            isTold = true;
        }

        Assert.That(isTold);
    }

    [Test]
    public void Snapshot_BegunWhileTheDatabaseIsClosed_IsTold([Values] bool inMemory)
    {
        using var directory = new TempDirectory();
        var database = Open(directory, inMemory);
        Sample.Put(database, "a"u8, "1"u8);
        Assert.Throws<ObjectDisposedException>(
            () => database.Core.Readers.BeginShared(new Closing(database, AtChoice: true)));
    }

    [Test]
    public void ReadersAndWriters_OnManyThreads_WhileTheDatabaseIsClosed_WorkOrAreTold([Values] bool inMemory)
    {
        const int Threads = 4;
        var rounds = StressTime.Rounds(150);
        using var directory = new TempDirectory();
        var random = new Random(1);
        for (var round = 0; round < rounds; round++)
        {
            var database = Open(directory, inMemory);
            Sample.Fill(database, 0, 50);
            using var start = new Barrier(Threads + 1);
            var failures = new Exception?[Threads];
            var threads = Enumerable.Range(0, Threads).Select(index => new Thread(() =>
            {
                start.SignalAndWait();
                failures[index] = UseUntilClosed(database, index);
            })).ToArray();
            Array.ForEach(threads, static thread => thread.Start());
            start.SignalAndWait();
            Thread.SpinWait(random.Next(20_000));
            database.Dispose();
            Array.ForEach(threads, static thread => thread.Join());
            Assert.That(failures, Is.All.Null, $"round {round}");
            if (!inMemory)
            {
                using var again = Database.Open(directory.DatabasePath);
                Assert.That(again.Check().IsOk);
            }
        }
    }

    /// <summary>Uses a database in one of several ways until it is closed.</summary>
    /// <returns>What else than being told so ended it.</returns>
    private static Exception? UseUntilClosed(Database database, int way)
    {
        try
        {
            for (var i = 0; ; i++)
            {
                switch (way)
                {
                    case 0:
                        using (var read = database.BeginRead())
                        {
                            _ = read.Main.Count;
                        }

                        break;
                    case 1:
                        using (var snapshot = database.OpenSnapshot())
                        using (var read = snapshot.BeginRead())
                        {
                            _ = read.Main.Count;
                        }

                        break;
                    case 2:
                        Sample.Put(database, Sample.Key(i % 50), "x"u8, CommitMode.Deferred);
                        break;
                    default:
                        database.BeginWrite().Dispose();
                        break;
                }
            }
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private static Database Open(TempDirectory directory, bool inMemory) =>
        inMemory ? Database.OpenInMemory() : Database.Open(directory.DatabasePath);

    /// <summary>Closes the database while a reader begins.</summary>
    private readonly record struct Closing(Database Database, bool AtChoice) : IBeginPause
    {
        public void WhenChosen()
        {
            if (AtChoice)
            {
                Database.Dispose();
            }
        }

        public void WhenBegun() => Database.Dispose();
    }
}
