using System.Collections.Concurrent;
using Engine.Storage;
using Engine.Tests.Infrastructure;
using Engine.Tests.Transactions;

namespace Engine.Tests.Observability;

/// <summary>What a database says of itself: its state, that it was poisoned, that a meta was not taken.</summary>
public class StateTests
{
    private static StorageWriteException Failure => new("simulated: the disk is gone", isFull: false);

    [Test]
    public void State_OfAnOpenDatabase_IsOpen_AndAfterDisposeClosed()
    {
        var database = Database.OpenInMemory();
        Assert.That(database.State, Is.EqualTo(DatabaseState.Open));

        database.Dispose();
        Assert.That(database.State, Is.EqualTo(DatabaseState.Closed));
    }

    [Test]
    public void Poisoned_WhenAFlushFails_IsRaisedOnceForEachHandler_AlsoForOneThatComesLate()
    {
        var storage = new FaultStorage();
        var database = TransactionTest.Open(storage);
        var told = new ConcurrentQueue<(object? Sender, DatabasePoisonedException Exception)>();
        database.Poisoned += (sender, poisoned) => told.Enqueue((sender, poisoned.Exception));
        database.Poisoned += (_, _) => throw new InvalidOperationException("a handler that fails hinders nobody");
        database.Poisoned += (sender, poisoned) => told.Enqueue((sender, poisoned.Exception));

        storage.BeforeFlush = () => throw Failure;
        var thrown = Assert.Throws<DatabasePoisonedException>(() => TransactionTest.Put(database, "a"u8, "1"u8));
        Assert.Throws<DatabasePoisonedException>(() => TransactionTest.Put(database, "b"u8, "1"u8));

        Assert.That(database.State, Is.EqualTo(DatabaseState.Poisoned));
        Assert.That(() => told, Has.Count.EqualTo(2).After(10_000, 10));
        Assert.That(told, Has.All.EqualTo((database, thrown)));

        DatabasePoisonedException? late = null;
        database.Poisoned += (_, poisoned) => late = poisoned.Exception;
        Assert.That(late, Is.SameAs(thrown));
        Assert.That(told, Has.Count.EqualTo(2));

        database.Dispose();
        Assert.That(database.State, Is.EqualTo(DatabaseState.Closed));
    }

    [Test]
    public void Poisoned_WhenAHandlerWasRemoved_DoesNotCallIt()
    {
        var storage = new FaultStorage();
        using var database = TransactionTest.Open(storage);
        var calls = 0;
        using var told = new ManualResetEventSlim();
        void Count(object? sender, DatabasePoisonedEventArgs poisoned) => Interlocked.Increment(ref calls);
        database.Poisoned += Count;
        database.Poisoned += (_, _) => told.Set();
        database.Poisoned -= Count;

        storage.BeforeFlush = () => throw Failure;
        Assert.Throws<DatabasePoisonedException>(() => TransactionTest.Put(database, "a"u8, "1"u8));

        Assert.That(told.Wait(10_000), Is.True);
        Assert.That(calls, Is.Zero);
    }

    [Test]
    public void MetaRejected_WhenOpeningFindsATornMeta_TellsAHandlerThatIsAdded([Values] bool readOnly)
    {
        using var directory = new TempDirectory();
        var path = TornDatabase(directory);

        using var database = Database.Open(path, new DatabaseOptions { ReadOnly = readOnly });
        var told = new List<RecoveryReport>();
        database.MetaRejected += (_, rejected) => told.Add(rejected.Report);

        Assert.That(told, Is.EqualTo([database.Recovery]));
        Assert.That(told[0].Rejected.Single().Reason, Is.EqualTo(RejectionReason.WrongChecksum));
        Assert.That(database.State, Is.EqualTo(DatabaseState.Open));
    }

    [Test]
    public void MetaRejected_WhenNothingWasRejected_IsNotRaised()
    {
        using var database = Database.OpenInMemory();
        database.MetaRejected += (_, _) => Assert.Fail("nothing was rejected");

        Assert.That(database.Recovery, Is.Null);
    }

    [Test]
    public void MetaRejected_WhenAReaderRecoversAnew_IsRaisedForIt()
    {
        using var directory = new TempDirectory();
        var path = directory.DatabasePath;
        using (var made = Database.Open(path))
        {
            TransactionTest.Put(made, "a"u8, "1"u8);
        }

        using var reader = Database.Open(path, new DatabaseOptions { ReadOnly = true });
        var told = new ConcurrentQueue<RecoveryReport>();
        reader.MetaRejected += (_, rejected) => told.Enqueue(rejected.Report);
        using (var writer = Database.Open(path))
        {
            TransactionTest.Put(writer, "a"u8, "2"u8);
        }

        Tear(path);
        Assert.That(TransactionTest.Get(reader, "a"u8), Is.EqualTo("2"u8.ToArray()));

        // By a thread of the pool, which has other things to do.
        Assert.That(() => told, Has.Count.EqualTo(1).After(60_000, 10));
        Assert.That(told.Single().Rejected, Has.Count.EqualTo(1));
    }

    private static string TornDatabase(TempDirectory directory)
    {
        var path = directory.DatabasePath;
        using (var database = Database.Open(path))
        {
            TransactionTest.Put(database, "a"u8, "1"u8);
        }

        Tear(path);
        return path;
    }

    /// <summary>One meta slot has a byte that it was not written with; both hold the same state.</summary>
    internal static void Tear(string path)
    {
        using var file = File.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = 4096 + 100;
        var old = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)~old);
    }
}
