using Engine.Space;
using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Concurrency;

/// <summary>
/// Groups that are sealed while the commit ahead of them is being flushed: what is written when, what is seen of it,
/// and that everybody is told what came of it.
/// </summary>
public class BoardingTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private static readonly DatabaseOptions Eager = new()
    {
        FlushInterval = Timeout.InfiniteTimeSpan,
        BoardingBytes = 0,
    };

    [Test]
    public async Task Group_WhileTheOneAheadIsFlushed_IsWrittenAndNotShown()
    {
        using var held = new HeldStorage(options: Eager);
        var database = held.Database;
        var first = held.CommitHeld();
        var writes = held.Writes;
        var second = database.WriteAsync(static tx => Put(tx, 1)).AsTask();
        await Board(database, 2);
        Assert.That(held.Writes, Is.GreaterThan(writes), "its pages are written");
        using (var read = database.BeginRead())
        {
            Assert.That(read.Main.Count, Is.Zero);
        }

        var pages = held.Writes;
        Assert.That((first.IsCompleted, second.IsCompleted), Is.EqualTo((false, false)));
        held.LetGo();
        await Task.WhenAll(first, second).WaitAsync(Soon);
        Assert.That(held.Writes, Is.EqualTo(pages + 1), "and nothing but its meta is when the one ahead has landed");
        Assert.That(database.GetStatistics().Main.Entries, Is.EqualTo(2UL));
        Assert.That(database.Check().IsOk);
    }

    [Test]
    public async Task Transactions_OnTopOfASealedGroup_ShareTheNextOne()
    {
        using var directory = new TempDirectory();
        using (var held = new HeldStorage(new FileStorage(directory.DatabasePath), Eager))
        {
            var database = held.Database;
            var first = held.CommitHeld();
            var second = database.WriteAsync(static tx => Put(tx, 1)).AsTask();
            await Board(database, 2);
            var others = Enumerable.Range(2, 20).Select(i => database.WriteAsync(tx => Put(tx, i)).AsTask()).ToList();
            Patience.Until(() => database.Core.Writer!.WaitingWriters == 0, "they have joined");
            held.LetGo();
            await Task.WhenAll([first, second, .. others]).WaitAsync(Soon);
            Assert.That(database.GetCommitStatistics()!.LargestGroup, Is.GreaterThan(1));
        }

        using var reopened = Database.Open(directory.DatabasePath);
        Assert.That(reopened.GetStatistics().Main.Entries, Is.EqualTo(22UL));
        Assert.That(reopened.Check().IsOk);
    }

    [Test]
    public async Task Group_WhoseOneAheadFails_IsToldSo_AndSoAreThoseOnTopOfIt()
    {
        using var held = new HeldStorage(options: Eager);
        var database = held.Database;
        var first = held.CommitHeld();
        var second = database.WriteAsync(static tx => Put(tx, 1)).AsTask();
        await Board(database, 2);
        var third = database.WriteAsync(static tx => Put(tx, 2)).AsTask();
        Patience.Until(() => database.Core.Writer!.WaitingWriters == 0, "the third one has joined");
        var open = database.BeginWrite();
        held.Failure = new IOException("the disk is gone");
        held.LetGo();
        foreach (var told in new[] { first, second, third, HeldStorage.OnThread(() => open.Commit()) })
        {
            await Assert.ThrowsAsync<DatabasePoisonedException>(() => told.WaitAsync(Soon));
        }
    }

    [Test]
    public async Task CommitOfNothing_ByWhoSawASealedGroup_WaitsForIt([Values] CommitMode mode)
    {
        using var held = new HeldStorage(options: Eager);
        var database = held.Database;
        var first = held.CommitHeld();
        var second = database.WriteAsync(static tx => Put(tx, 1)).AsTask();
        await Board(database, 2);
        var third = HeldStorage.OnThread(() =>
        {
            using var transaction = database.BeginWrite();
            Assert.That(transaction.Main.ContainsKey(Sample.Key(1)));
            transaction.Commit(mode);
        });
        Assert.That(third.Wait(50), Is.False);
        held.LetGo();
        await Task.WhenAll(first, second, third).WaitAsync(Soon);
    }

    [Test]
    public async Task Group_ThatCannotBeWrittenYet_IsCommittedWhenTheOneAheadHasLanded([Values] bool isFull)
    {
        // Run lists that are in pages of their own, which the next commit frees, whoever makes it.
        using var held = new HeldStorage(options: new DatabaseOptions
        {
            FlushInterval = Timeout.InfiniteTimeSpan,
            BoardingBytes = 0,
            Space = new SpaceTuning { LogHeadLimit = 96, SmallLog = 400, ZoneMinimumPages = 96, InlineRunsLimit = 82 },
        });
        var database = held.Database;
        for (var round = 0; round < 4; round++)
        {
            Scatter(database, round);
            var first = held.CommitHeld();
            held.WriteFailure = new StorageWriteException("not now", isFull);
            var second = database.WriteAsync(tx => Put(tx, -1 - round)).AsTask();
            var third = database.WriteAsync(tx => Put(tx, -10 - round)).AsTask();
            Patience.Until(() => database.Core.Writer!.WaitingWriters == 0, "they have joined");
            held.WriteFailure = null;
            held.LetGo();
            await Task.WhenAll(first, second, third).WaitAsync(Soon);
            Assert.That(database.Check().IsOk);
        }
    }

    [Test]
    public async Task TransactionThatStaysOpen_OnTopOfAGroupThatCouldNotBeWritten_GoesOn(
        [Values] bool isNamed, [Values] bool writesEarly, [Values] bool isFull)
    {
        using var held = new HeldStorage(options: new DatabaseOptions
        {
            FlushInterval = Timeout.InfiniteTimeSpan,
            BoardingBytes = 0,
            SealPatience = TimeSpan.Zero,
        });
        var database = held.Database;
        CreateTrees(database, "a"u8);
        var first = held.CommitHeld();
        held.WriteFailure = new StorageWriteException("not now", isFull);
        var second = database.WriteAsync(tx => PutTo(tx, isNamed, 1)).AsTask();
        var third = database.WriteAsync(tx => PutTo(tx, isNamed, 2)).AsTask();
        Patience.Until(() => database.Core.Writer!.WaitingWriters == 0, "they have joined");
        using var open = database.BeginWrite();
        PutTo(open, isNamed, 3);
        held.WriteFailure = null;
        var early = writesEarly
            ? HeldStorage.OnThread(() => open.Main.Put("large"u8, new byte[4_000_000]))
            : Task.CompletedTask;
        held.LetGo();
        await Task.WhenAll(first, second, third, early).WaitAsync(Soon);
        PutTo(open, isNamed, 4);
        open.Commit();
        Assert.That(database.Check().IsOk);
        CreateTrees(database, "b"u8);
        Assert.That(database.Check().IsOk);
    }

    [Test]
    public async Task Dispose_WhileAGroupIsSealedAndOthersAreOnTopOfIt_TellsEverybody([Values] bool hasOthers)
    {
        using var directory = new TempDirectory();
        var held = new HeldStorage(new FileStorage(directory.DatabasePath), Eager);
        var database = held.Database;
        var first = held.CommitHeld();
        var second = database.WriteAsync(static tx => Put(tx, 1)).AsTask();
        await Board(database, 2);
        var third = hasOthers ? database.WriteAsync(static tx => Put(tx, 2)).AsTask() : second;
        Patience.Until(() => database.Core.Writer!.WaitingWriters == 0, "the third one has joined");
        var closing = HeldStorage.OnThread(database.Dispose);
        Thread.Sleep(20);
        held.LetGo();
        await Task.WhenAll(first, second, third, closing).WaitAsync(Soon);
        using var reopened = Database.Open(directory.DatabasePath);
        Assert.That(reopened.GetStatistics().Main.Entries, Is.EqualTo(hasOthers ? 3UL : 2UL));
        Assert.That(reopened.Check().IsOk);
    }

    [Test]
    public async Task TransactionThatStaysOpen_OnTopOfASealedGroup_HoldsNobodyUp([Values] bool writesEarly)
    {
        using var held = new HeldStorage(options: new DatabaseOptions
        {
            FlushInterval = Timeout.InfiniteTimeSpan,
            BoardingBytes = 0,
            SealPatience = TimeSpan.Zero,
        });
        var database = held.Database;
        var first = held.CommitHeld();
        var second = database.WriteAsync(static tx => Put(tx, 1)).AsTask();
        await Board(database, 2);
        var third = database.WriteAsync(static tx => Put(tx, 2)).AsTask();
        Patience.Until(() => database.Core.Writer!.WaitingWriters == 0, "the third one has joined");
        using var open = database.BeginWrite();
        Put(open, 3);
        var early = writesEarly
            ? HeldStorage.OnThread(() => open.Main.Put("large"u8, new byte[4_000_000]))
            : Task.CompletedTask;
        held.LetGo();
        await Task.WhenAll(first, second, third, early).WaitAsync(Soon);
        open.Commit();
        Assert.That(database.GetStatistics().Main.Entries, Is.EqualTo(writesEarly ? 5UL : 4UL));
        Assert.That(database.Check().IsOk);
    }

    [Test]
    public async Task Group_OfWhichSomeAreDeferredOrFewPages_IsNotSealedEarly([Values] bool isDeferred)
    {
        using var held = new HeldStorage(
            options: isDeferred ? Eager : new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan });
        var database = held.Database;
        var first = held.CommitHeld();
        var newest = database.Core.Newest.Id;
        var second = database.WriteAsync(static tx => Put(tx, 1), isDeferred ? CommitMode.Deferred : default).AsTask();
        Patience.Until(() => database.Core.Writer!.WaitingWriters == 0, "the second one has joined");
        Thread.Sleep(20);
        Assert.That(database.Core.Newest.Id, Is.EqualTo(newest));
        held.LetGo();
        await Task.WhenAll(first, second).WaitAsync(Soon);
    }

    [Test]
    public async Task Settling_BetweenALandingAndThatOfASealedGroup_DoesNotTakePlace()
    {
        using var directory = new TempDirectory();
        var random = new Random(1);
        using (var held = new HeldStorage(
            new FileStorage(directory.DatabasePath),
            new DatabaseOptions { BoardingBytes = 0, SettleAfter = TimeSpan.FromMilliseconds(1) }))
        {
            for (var round = 0; round < StressTime.Rounds(30); round++)
            {
                var first = held.CommitHeld();
                var number = round;
                var second = held.Database.WriteAsync(tx => Put(tx, number)).AsTask();

                // Settling may be what is held, and then nobody can join.
                Thread.SpinWait(random.Next(50_000));
                held.LetGo();
                await Task.WhenAll(first, second).WaitAsync(Soon);
            }

            Assert.That(held.Database.Check().IsOk);
        }

        using var reopened = Database.Open(directory.DatabasePath);
        Assert.That(reopened.GetStatistics().Main.Entries, Is.EqualTo((ulong)StressTime.Rounds(30) + 1));
    }

    private static async Task Board(Database database, int states)
    {
        Patience.Until(
            () => database.Core.Newest.Id >= database.Core.Published.Id + (ulong)states, "the group is sealed");
        await Task.Yield();
    }

    // So that what is free lies here and there.
    private static void Scatter(Database database, int round)
    {
        for (var part = 0; part < 2; part++)
        {
            using var transaction = database.BeginWrite();
            for (var i = 0; i < 2000; i++)
            {
                if (part == 0 || i % 150 == round)
                {
                    transaction.Main.Put(Sample.Key(i), Sample.Bytes(100, i + round));
                }
            }

            transaction.Commit();
        }
    }

    // So many that the catalog has more than one page.
    private static void CreateTrees(Database database, ReadOnlySpan<byte> key)
    {
        using var transaction = database.BeginWrite();
        for (var i = 0; i < 300; i++)
        {
            transaction[transaction.CreateTree($"tree {i}")].Put(key, "1"u8);
        }

        transaction.Commit();
    }

    private static bool PutTo(WriteTransaction transaction, bool isNamed, int number)
    {
        var tree = isNamed ? transaction[transaction.CreateTree("tree 7")] : transaction.Main;
        tree.Put(Sample.Key(number), "1"u8);
        return true;
    }

    private static bool Put(WriteTransaction transaction, int number)
    {
        transaction.Main.Put(Sample.Key(number), "1"u8);
        return true;
    }
}
