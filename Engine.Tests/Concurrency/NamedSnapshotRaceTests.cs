using Engine.Storage;
using Engine.Tests.Infrastructure;
using Engine.Transactions;

namespace Engine.Tests.Concurrency;

/// <summary>
/// Who opens a named snapshot is halted wherever he can be, while its name is deleted and its pages are reused; and
/// states that name themselves share commits with others.
/// </summary>
public class NamedSnapshotRaceTests
{
    private const string Name = "kept";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private TempDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void Opening_HaltedWhileTheNameIsDeletedAndItsPagesAreReused_FindsNoSuchName(
        [Values] Way way, [Values] Pause pause)
    {
        using var writer = Create(way);
        using var reader = Beside(writer, way);
        Assert.That(Open(reader, new Halt(pause, () => DeleteAndReuse(writer), [])), Is.Null);
        Assert.That(writer.ListSnapshots(), Is.Empty);
        Assert.That(reader.Core.LockFile.Readers.CollectPins(new ulong[64]), Is.Zero, "nothing is left pinned");
    }

    [Test]
    public void Opening_HaltedWhileTheNameMovesToAnotherState_FindsThatOne([Values] Way way, [Values] Pause pause)
    {
        using var writer = Create(way);
        using var reader = Beside(writer, way);
        var value = Array.Empty<byte>();
        using var snapshot = Open(reader, new Halt(pause, Move, []))!;
        Overwrite(writer, 12);
        Assert.That(snapshot.Main.Get("n"u8), Is.EqualTo(value));

        void Move()
        {
            DeleteAndReuse(writer);
            value = writer.OpenSnapshot().Main.Get("n"u8)!;
            writer.CreateSnapshot(Name);
            Overwrite(writer, 3);
        }
    }

    [Test]
    public void Opening_HaltedWhileOthersCommit_FindsWhatIsNamed([Values] Way way, [Values] Pause pause)
    {
        using var writer = Create(way);
        using var reader = Beside(writer, way);
        var value = writer.OpenSnapshot(Name).Main.Get("n"u8);
        using var snapshot = Open(reader, new Halt(pause, () => Overwrite(writer, 12), []))!;
        writer.DeleteSnapshot(Name);
        Overwrite(writer, 12);
        Assert.That(snapshot.Main.Get("n"u8), Is.EqualTo(value));
    }

    [Test]
    public void Opening_ThatDidNotLookAgain_WouldReadPagesOfAnotherState()
    {
        // The steps without the last one: what the tests above would not notice, they could not hold.
        using var writer = Create(Way.InMemory);
        var newest = writer.Core.Published;
        var named = writer.OpenSnapshot(Name);
        var (id, value, state) = (named.TransactionId, named.Main.Get("n"u8), named.State);
        named.Dispose();
        DeleteAndReuse(writer);
        var readers = writer.Core.LockFile.Readers;
        var slot = readers.Claim();
        readers.Pin(slot, id);
        var context = new SlotReader(writer.PageSize, readers, slot);
        context.Attach(state, writer.Core.VerifiedPages);
        using var read = new ReadTransaction(writer, context, context.Epoch, token: null);
        Assert.That(ReferenceEquals(writer.Core.Published, newest), Is.False);
        Assert.That(read.Main.Get("n"u8), Is.Not.EqualTo(value));
    }

    [Test]
    public async Task SixteenWriters_ThatNameTheirOwnStates_EachFindExactlyTheirs()
    {
        using var held = new HeldStorage();
        var database = held.Database;
        var first = held.CommitHeld();
        var writers = Enumerable.Range(0, 16).Select(i => database.WriteAsync(tx => PutOwn(tx, i)).AsTask()).ToList();
        Thread.Sleep(30);
        held.LetGo();
        await first.WaitAsync(Soon);
        var counts = await Task.WhenAll(writers).WaitAsync(Soon);
        for (var i = 0; i < counts.Length; i++)
        {
            using var snapshot = database.OpenSnapshot($"own {i}");
            Assert.That(snapshot.Main.Count, Is.EqualTo(counts[i]));
        }

        Assert.That(counts, Is.Unique, "nobody is within the state of another one");
    }

    [Test]
    public async Task FailedFlush_WhileAStateThatNamesItselfWaits_TellsEverybody_AndNobodyWaitsForTheGate(
        [Values] bool isJoinedFirst)
    {
        using var held = new HeldStorage();
        var database = held.Database;
        var first = held.CommitHeld();
        var own = isJoinedFirst ? null : database.WriteAsync(static tx => PutOwn(tx, 100)).AsTask();
        var writers = Enumerable.Range(0, 16).Select(i => database.WriteAsync(tx => PutOwn(tx, i)).AsTask()).ToList();
        Thread.Sleep(30);
        held.Failure = new IOException("the disk is gone");
        held.LetGo();
        foreach (var writer in writers.Append(first).Append(own ?? first))
        {
            await RequirePoisoned(writer);
        }

        var late = HeldStorage.OnThread(() => Assert.Throws<DatabasePoisonedException>(() => database.BeginWrite()));
        await late.WaitAsync(Soon);
        Assert.That(database.Core.Writer!.WaitingWriters, Is.Zero);
        Assert.That(database.ListSnapshots(), Is.Empty, "readers see what was there");
    }

    [Test]
    public async Task FailedFlush_AmongManyStatesThatNameThemselves_NeverLeavesTheGateShut([Range(1, 6)] int failing)
    {
        var flushes = 0;
        var storage = new Transactions.FaultStorage();
        var database = Database.Open(storage, new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan });
        storage.BeforeFlush = () =>
        {
            if (Interlocked.Increment(ref flushes) == failing * 3)
            {
                throw new IOException("the disk is gone");
            }
        };
        var threads = Enumerable.Range(0, 16).Select(i => HeldStorage.OnThread(() =>
        {
            for (var n = 0; n < 20; n++)
            {
                try
                {
                    using var transaction = database.BeginWrite();
                    PutOwn(transaction, (i * 100) + n, isOwn: n % 2 == 0);
                    transaction.Commit();
                }
                catch (DatabasePoisonedException)
                {
                    return;
                }
            }
        }));
        await Task.WhenAll(threads).WaitAsync(Soon);
        storage.BeforeFlush = null;
        database.Dispose();
        using var again = Database.Open(storage, new DatabaseOptions());
        RequireNamesToMatch(again);
    }

    [Test]
    public async Task Closing_WhileAStateThatNamesItselfWaits_CommitsIt([Values] CommitMode mode)
    {
        var storage = new Transactions.FaultStorage();
        var held = new HeldStorage(storage);
        var first = held.CommitHeld();
        var own = held.Database.WriteAsync(static tx => PutOwn(tx, 1), mode).AsTask();
        Patience.Until(() => held.Database.Core.Writer!.WaitingWriters == 0, "it has joined");
        Thread.Sleep(10);
        var closing = HeldStorage.OnThread(held.Database.Dispose);
        Thread.Sleep(30);
        held.LetGo();
        await first.WaitAsync(Soon);
        await closing.WaitAsync(Soon);
        await own.WaitAsync(Soon);
        held.Dispose();
        using var again = Database.Open(storage, new DatabaseOptions());
        using var snapshot = again.OpenSnapshot("own 1");
        Assert.That(snapshot.Main.Count, Is.EqualTo(2));
        RequireNamesToMatch(again);
    }

    [Test]
    public async Task TransactionThatNamesItself_OpenWhileThoseBeforeItAreSealed_NamesWhatItBecomes()
    {
        using var held = new HeldStorage(options: PatienceOfNone());
        var database = held.Database;
        var first = held.CommitHeld();
        var second = database.WriteAsync(static tx => PutOwn(tx, 1, isOwn: false)).AsTask();
        Patience.Until(() => database.Core.Writer!.WaitingWriters == 0, "the second one has joined");
        var open = database.BeginWrite();
        PutOwn(open, 2);
        held.LetGo();
        await Task.WhenAll(first, second).WaitAsync(Soon);
        PutOwn(open, 3, isOwn: false);
        await HeldStorage.OnThread(() => open.Commit()).WaitAsync(Soon);
        Sample.Put(database, "later"u8, "1"u8);
        using var snapshot = database.OpenSnapshot("own 2");
        Assert.That(snapshot.Main.Count, Is.EqualTo(4));
        Assert.That(snapshot.Main.Get("later"u8), Is.Null);
        RequireNamesToMatch(database);
    }

    [Test]
    public async Task StateThatNamedItself_RenamedByOneThatIsSealedBesideAnOpenTransaction_StaysTheSame()
    {
        using var held = new HeldStorage(options: PatienceOfNone());
        var database = held.Database;
        held.Hold();
        var first = HeldStorage.OnThread(() =>
        {
            using var transaction = database.BeginWrite();
            PutOwn(transaction, 1);
            transaction.Commit();
        });
        held.WaitUntilHeld();
        var second = database.WriteAsync(static tx =>
        {
            tx.Main.Put("second"u8, "1"u8);
            tx.RenameSnapshot("own 1", "renamed 1");
            return 0;
        }).AsTask();
        Patience.Until(() => database.Core.Writer!.WaitingWriters == 0, "the second one has joined");
        var open = database.BeginWrite();
        open.Main.Put("open"u8, "1"u8);
        held.LetGo();
        await Task.WhenAll(first, second).WaitAsync(Soon);
        await HeldStorage.OnThread(() => open.Commit()).WaitAsync(Soon);
        Sample.Put(database, "later"u8, "1"u8);
        using var snapshot = database.OpenSnapshot("renamed 1");
        Assert.That(snapshot.Main.Count, Is.EqualTo(1));
        RequireNamesToMatch(database);
        Assert.That(database.Check().IsOk, Is.True);
    }

    [Test]
    public async Task Name_GivenOnTopOfOnesThatMadeTheTreeOfNamesAndLeftItEmpty_IsKept()
    {
        using var held = new HeldStorage(options: PatienceOfNone());
        var database = held.Database;
        using var before = database.OpenSnapshot();
        var first = held.CommitHeld();
        var second = database.WriteAsync(tx =>
        {
            tx.Main.Put("second"u8, "1"u8);
            tx.CreateSnapshot("own 7", before);
            return tx.DeleteSnapshot("own 7");
        }).AsTask();
        Patience.Until(() => database.Core.Writer!.WaitingWriters == 0, "the second one has joined");
        var open = database.BeginWrite();
        PutOwn(open, 2);
        held.LetGo();
        await Task.WhenAll(first, second).WaitAsync(Soon);
        await HeldStorage.OnThread(() => open.Commit()).WaitAsync(Soon);
        Assert.That(database.ListSnapshots().Select(static name => name.Name), Is.EqualTo(new[] { "own 2" }));
        RequireNamesToMatch(database);
        Assert.That(database.Check().IsOk, Is.True);
    }

    [Test]
    public async Task RollingBack_ThatWritesEarlyOnTopOfOthers_CommitsThemFirst()
    {
        using var held = new HeldStorage(options: new DatabaseOptions
        {
            FlushInterval = Timeout.InfiniteTimeSpan,
            SealPatience = TimeSpan.FromSeconds(20),
            TransactionMemory = 1 << 20,
            EarlyWriteThreshold = 10_000,
        });
        var database = held.Database;
        Sample.Fill(database, 0, 40_000, valueLength: 90);
        Sample.Put(database, "large"u8, Sample.Bytes(50_000, 1));
        var before = Sample.ReadAll(database)[string.Empty];
        using var snapshot = database.OpenSnapshot();
        Sample.Fill(database, 0, 40_000, valueLength: 3);
        Sample.Put(database, "large"u8, "small"u8);
        var first = held.CommitHeld();
        var second = database.WriteAsync(static tx => PutOwn(tx, 50_000, isOwn: false)).AsTask();
        Patience.Until(() => database.Core.Writer!.WaitingWriters == 0, "the second one has joined");
        var third = HeldStorage.OnThread(() =>
        {
            using var open = database.BeginWrite();
            open.RollBackTo(snapshot);
            open.Commit();
        });
        Thread.Sleep(30);
        held.LetGo();
        await Task.WhenAll(first, second, third).WaitAsync(Soon);
        Sample.AssertSame(Sample.ReadAll(database)[string.Empty], before);
        Assert.That(database.Check().IsOk, Is.True);
    }

    private static DatabaseOptions PatienceOfNone() => new()
    {
        FlushInterval = Timeout.InfiniteTimeSpan,
        SealPatience = TimeSpan.Zero,
    };

    private static long PutOwn(WriteTransaction transaction, int number, bool isOwn = true)
    {
        transaction.Main.Put(Sample.Key(number), Sample.Bytes(8, number));
        if (isOwn)
        {
            transaction.CreateSnapshot($"own {number}");
        }

        return transaction.Main.Count;
    }

    /// <summary>What is named has the entry of whoever named it, and the pins are those of the names.</summary>
    private static void RequireNamesToMatch(Database database)
    {
        var names = database.ListSnapshots();
        foreach (var name in names)
        {
            using var snapshot = database.OpenSnapshot(name.Name);
            var number = int.Parse(name.Name.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
            Assert.That(snapshot.Main.Get(Sample.Key(number)), Is.EqualTo(Sample.Bytes(8, number)), name.Name);
        }

        Assert.That(names.Select(static name => name.TransactionId), Is.Unique);
    }

    private static async Task RequirePoisoned(Task task)
    {
        try
        {
            await task.WaitAsync(Soon);
            Assert.Fail("It was told of a success.");
        }
        catch (DatabasePoisonedException)
        {
            // As it should.
        }
    }

    private Database Create(Way way)
    {
        var database = way == Way.InMemory
            ? Database.OpenInMemory()
            : Database.Open(_directory.DatabasePath);
        Overwrite(database, 2);
        database.CreateSnapshot(Name);
        Overwrite(database, 2);
        return database;
    }

    private Database Beside(Database writer, Way way) => way == Way.InAnotherProcess
        ? Database.Open(_directory.DatabasePath, new DatabaseOptions { ReadOnly = true })
        : writer;

    private static Snapshot? Open(Database reader, Halt halt) =>
        reader.Core.Readers.TryBeginNamed(reader.ToSnapshotName(Name), null, halt) is { } pin
            ? new Snapshot(reader, pin, token: null)
            : null;

    /// <summary>One entry, so that the tree is one page: its value names the state.</summary>
    private static void Overwrite(Database database, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var transaction = database.BeginWrite();
            transaction.Main.Put("n"u8, Sample.Key((int)transaction.TransactionId));
            transaction.Commit();
        }
    }

    private static void DeleteAndReuse(Database database)
    {
        byte[] before = new byte[database.PageSize], now = new byte[database.PageSize];
        long root;
        using (var named = database.OpenSnapshot(Name))
        {
            root = (long)named.State.Main.Root;
        }

        database.Core.File.Read(root * database.PageSize, before);
        database.DeleteSnapshot(Name);
        for (var i = 0; i < 20; i++)
        {
            Overwrite(database, 4);
            database.Core.File.Read(root * database.PageSize, now);
            if (!now.AsSpan().SequenceEqual(before))
            {
                return;
            }
        }

        Assert.Fail("The page was never reused.");
    }

    /// <summary>Whose database it is that the name is opened in.</summary>
    public enum Way
    {
        /// <summary>That of the writer, on a file.</summary>
        OnAFile,

        /// <summary>That of the writer, in memory.</summary>
        InMemory,

        /// <summary>One that is open read-only beside it, as in another process.</summary>
        InAnotherProcess,
    }

    /// <summary>Where it is halted.</summary>
    public enum Pause
    {
        /// <summary>The newest state is chosen and not pinned.</summary>
        WhenChosen,

        /// <summary>The name was found and what it names is not pinned.</summary>
        WhenFound,
    }

    /// <summary>Halts the first time.</summary>
    private readonly record struct Halt(Pause Pause, Action Meanwhile, List<bool> Halted) : IBeginPause
    {
        public void WhenChosen() => Stop(Pause.WhenChosen);

        public void WhenBegun() => Stop(Pause.WhenFound);

        private void Stop(Pause here)
        {
            if (here == Pause && Halted.Count == 0)
            {
                Halted.Add(true);
                Meanwhile();
            }
        }
    }
}
