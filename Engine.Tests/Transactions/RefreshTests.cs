using System.Text;
using Engine.Storage;
using Engine.Tests.Infrastructure;
using Engine.Transactions;

namespace Engine.Tests.Transactions;

/// <summary>
/// A database that is open read-only looks for the newest state: beside a writer that is not ready, and beside one that
/// has another file.
/// </summary>
public class RefreshTests
{
    private static readonly DatabaseOptions Impatient = new()
    {
        ReadOnly = true,
        RecoveryPatience = TimeSpan.FromMilliseconds(30),
    };

    private TempDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public void BeginRead_WhileAWriterRecovers_WaitsUntilItIsReady_AndHoldsNobodyUp()
    {
        using var storage = Made();
        using var reading = Database.Open(new SharedStorage(storage), new DatabaseOptions { ReadOnly = true });
        var held = reading.OpenSnapshot();
        using var writer = storage.OpenLockFile(readOnly: false);
        Assert.That(writer.TryLockWriter(), Is.True);
        using var waiting = new WaitingReaders(reading, 3);
        waiting.AwaitThatAllWait();

        // What needs the lock of the contexts: the end of a snapshot. It used to wait, for as long as all of them
        // together did.
        held.Dispose();
        Assert.That(waiting.Ended, Is.Zero);

        writer.PublishedId = 2;
        Assert.That(waiting.Results(), Is.All.EqualTo("2"));
    }

    [Test]
    public void Dispose_WhileReadersWaitForAWriterThatRecovers_TellsThem()
    {
        using var storage = Made();
        var reading = Database.Open(new SharedStorage(storage), new DatabaseOptions { ReadOnly = true });
        using var writer = storage.OpenLockFile(readOnly: false);
        Assert.That(writer.TryLockWriter(), Is.True);
        using var waiting = new WaitingReaders(reading, 3);
        waiting.AwaitThatAllWait();

        reading.Dispose();

        Assert.That(waiting.Results(), Is.All.EqualTo(nameof(ObjectDisposedException)));
    }

    [Test]
    public void BeginRead_BesideAWriterThatDoesNotGetReady_IsToldWhichOneItIs()
    {
        using var storage = Made();
        using var reading = DatabaseCore.Open(new SharedStorage(storage), Impatient);
        using var writer = storage.OpenLockFile(readOnly: false);
        Assert.That(writer.TryLockWriter(), Is.True);

        Assert.That(
            () => reading.Readers.BeginRead(out _),
            Throws.TypeOf<DatabaseBusyException>()
                .With.Message.Contains("still recovering")
                .And.Message.Contains($"this process ({Environment.ProcessId})"));
    }

    [Test]
    public void Open_ReadOnly_OfAFileThatIsNotTheOneThatIsWritten_IsToldSo()
    {
        var other = _directory.File("other");
        Make(_directory.DatabasePath, 2, "old"u8);
        Make(other, 9, "new"u8);
        using var writer = Open(readOnly: false);
        Sample.Put(writer, "k"u8, "newer"u8);
        File.Move(other, _directory.DatabasePath, overwrite: true);

        Assert.That(
            () => DatabaseCore.Open(new FileStorage(_directory.DatabasePath), Impatient),
            Throws.TypeOf<DatabaseReplacedException>());
    }

    [Test]
    public void Map_ThatAReaderLooksInto_StaysWhateverTheHighWaterMarkSays()
    {
        // The writer lowers the mark, for a moment below a slot that was claimed just then.
        using (var database = Open(readOnly: false))
        {
            Sample.Fill(database, 0, 10);
        }

        using var writer = Open(readOnly: false);
        using var reading = Open(readOnly: true);
        using var read = reading.BeginRead();
        Sample.Fill(writer, 0, 20_000);
        LowerMark(writer.Core.LockFile);
        using (var newer = reading.BeginRead())
        {
            Assert.That(newer.TransactionId, Is.GreaterThan(read.TransactionId));
        }

        Assert.That(reading.Core.Published.Map, Is.Not.Null);

        Assert.That(read.Main.Get(Sample.Key(5)), Is.EqualTo(Sample.Bytes(20, 5)));
    }

    private static unsafe void LowerMark(LockFile file) =>
        *(uint*)(file.DangerousAddress + LockLayout.HighWaterOffset) = 0;

    private static MemoryStorage Made()
    {
        var storage = new MemoryStorage();
        using var database = Database.Open(new SharedStorage(storage), new DatabaseOptions());
        Sample.Put(database, "k"u8, "v"u8);
        return storage;
    }

    private static void Make(string path, int commits, ReadOnlySpan<byte> value)
    {
        using var database = Database.Open(path);
        for (var i = 0; i < commits; i++)
        {
            Sample.Put(database, "k"u8, value);
        }
    }

    private Database Open(bool readOnly) =>
        Database.Open(_directory.DatabasePath, new DatabaseOptions { ReadOnly = readOnly });

    /// <summary>Threads that begin to read, and say what came of it.</summary>
    private sealed class WaitingReaders : IDisposable
    {
        private readonly Database _database;
        private readonly Thread[] _threads;
        private readonly string[] _results;

        public WaitingReaders(Database database, int count)
        {
            _database = database;
            _results = new string[count];
            _threads = [.. Enumerable.Range(0, count).Select(index => new Thread(() => _results[index] = Read()))];
            Array.ForEach(_threads, thread => thread.Start());
        }

        public int Ended => _results.Count(result => result is not null);

        /// <summary>Each has claimed its slot, and nothing is published that it could pin.</summary>
        public void AwaitThatAllWait() => Patience.Until(
            () => _database.Core.LockFile.Readers.Describe().Count(info => info.IsOwn) >= _threads.Length,
            "all have begun");

        public string[] Results()
        {
            Array.ForEach(_threads, thread => Assert.That(thread.Join(Patience.Limit)));
            return _results;
        }

        public void Dispose() => Array.ForEach(_threads, thread => thread.Join());

        private string Read()
        {
            try
            {
                using var read = _database.BeginRead();
                return Encoding.ASCII.GetString(read.Main.Get("k"u8)!) == "v"
                    ? $"{read.TransactionId}"
                    : "another value";
            }
            catch (Exception e)
            {
                return e.GetType().Name;
            }
        }
    }

    /// <summary>The storage of several databases at once; none of them disposes it.</summary>
    private sealed class SharedStorage(IStorage inner) : IStorage
    {
        public string Name => inner.Name;

        public bool Exists(out long length) => inner.Exists(out length);

        public IStorageFile OpenFile(bool writable) => inner.OpenFile(writable);

        public IStorageFile CreateTemporary() => inner.CreateTemporary();

        public void RenameTemporary() => inner.RenameTemporary();

        public void DeleteTemporary() => inner.DeleteTemporary();

        public void FlushDirectory() => inner.FlushDirectory();

        public LockFile OpenLockFile(bool readOnly) => inner.OpenLockFile(readOnly);

        public void Dispose()
        {
        }
    }
}
