using System.Buffers;
using System.Text;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>
/// Savepoints: whatever was done after one, rolling back brings everything back, and savepoints that are no use any
/// more are refused.
/// </summary>
public class SavepointTests : TransactionTest
{
    private const int Entries = 200;

    /// <summary>Every kind of change, on a database that <see cref="Fill"/> has filled.</summary>
    private static readonly (string Name, Action<Database, WriteTransaction> Do)[] Changes =
    [
        ("nothing", static (_, _) => { }),
        ("a put", static (_, transaction) => transaction.Main.Put("k"u8, "v"u8)),
        ("puts", static (_, transaction) => Put(transaction, 0, 3 * Entries, step: 3, length: 30)),
        ("ascending puts", static (_, transaction) => Put(transaction, Entries, 3 * Entries, step: 1, length: 20)),
        ("descending puts", static (_, transaction) => Put(transaction, -1, -Entries, step: -1, length: 20)),
        ("scattered puts", static (_, transaction) => Put(transaction, 0, 7 * Entries * 11, step: 77, length: 40)),
        ("overwriting", static (_, transaction) => Put(transaction, 0, Entries, step: 1, length: 25)),
        ("deletes", static (_, transaction) => Delete(transaction, 20, 180)),
        ("a delete of all", static (_, transaction) => Delete(transaction, 0, Entries)),
        ("a range", static (_, transaction) => transaction.Main.DeleteRange(Sample.Key(30), Sample.Key(170))),
        ("a range to the end", static (_, transaction) => transaction.Main.DeleteFrom(Sample.Key(3))),
        ("a clear", static (_, transaction) => transaction.Main.Clear()),
        ("a large value", static (_, transaction) => transaction.Main.Put(Sample.Key(7), Sample.Bytes(9000, 1))),
        ("a run in memory", static (_, transaction) => transaction.Main.Put(Sample.Key(8), Sample.Bytes(1500, 2))),
        ("a filled value", static (_, transaction) => transaction.Main.Put(
            Sample.Key(8), 1800, 3, static (value, number) => value.Fill((byte)number))),
        ("large values gone", static (_, transaction) =>
        {
            transaction.Main.Delete(Sample.Key(7));
            transaction.Main.Put(Sample.Key(8), "small"u8);
            transaction.Main.Delete(Sample.Key(-5));
        }),
        ("a tree", static (_, transaction) => Create(transaction, "new")),
        ("a drop", static (_, transaction) => transaction.TryDropTree("a")),
        ("a drop and a tree", static (_, transaction) =>
        {
            transaction.TryDropTree("a");
            Create(transaction, "a");
        }),
        ("a rename", static (database, transaction) => Rename(database, transaction, "a", "c")),
        ("a swap", static (database, transaction) =>
        {
            Rename(database, transaction, "a", "third");
            Rename(database, transaction, "b", "a");
            Rename(database, transaction, "third", "b");
        }),
        ("a rename and a tree", static (database, transaction) =>
        {
            Rename(database, transaction, "a", "d");
            Create(transaction, "a");
        }),
        ("a load", static (_, transaction) =>
        {
            using var load = transaction.Main.BeginLoad();
            for (var i = 0; i < 60; i++)
            {
                load.Add(Sample.Key(i * 37 % 600), Sample.Bytes(10, i));
            }

            load.Complete();
        }),
        ("a sweep", static (_, transaction) =>
        {
            var cursor = transaction.Main.OpenCursor();
            for (var found = cursor.Seek(Sample.Key(40)); found; found = cursor.MoveNext())
            {
                cursor.Delete();
                cursor.MoveNext();
            }
        }),
    ];

    [Test]
    public void RollBackTo_AfterAnyChange_OnTopOfAnyOther_BringsEverythingBack(
        [Values(0, 6000, 10_000_000)] int budget, [Values] bool between)
    {
        foreach (var (before, doBefore) in Changes)
        {
            using var database = Database.OpenInMemory(Options(budget));
            Fill(database);
            foreach (var (after, doAfter) in Changes)
            {
                using var transaction = database.BeginWrite();
                doBefore(database, transaction);
                var expected = Contents(database, transaction);
                var savepoint = transaction.Savepoint();
                for (var round = 0; round < 2; round++)
                {
                    doAfter(database, transaction);
                    if (between)
                    {
                        // Another savepoint, which goes one way or the other.
                        var inner = transaction.Savepoint();
                        doAfter(database, transaction);
                        doBefore(database, transaction);
                        if (round == 0)
                        {
                            transaction.Release(inner);
                        }
                    }

                    transaction.RollBackTo(savepoint);
                    Assert.That(
                        Contents(database, transaction), Is.EqualTo(expected), $"'{after}' after '{before}', {round}");
                }

                // As if nothing had happened.
                doAfter(database, transaction);
                var whole = Contents(database, transaction);
                transaction.Abort();
                using var other = database.BeginWrite();
                doBefore(database, other);
                doAfter(database, other);
                Assert.That(Contents(database, other), Is.EqualTo(whole), $"'{after}' after '{before}', done again");
            }

            Assert.That(database.Check().IsOk);
        }
    }

    [Test]
    public void Commit_AfterARollBack_HasWhatWasThereBefore([Values(0, 6000, 10_000_000)] int budget)
    {
        foreach (var (name, change) in Changes)
        {
            using var storage = new FaultStorage();
            string expected;
            using (var database = Database.Open(storage, Options(budget)))
            {
                Fill(database);
                using (var transaction = database.BeginWrite())
                {
                    transaction.Main.Put("before"u8, Sample.Bytes(3000, 1));
                    Create(transaction, "made");
                    expected = Contents(database, transaction);
                    var savepoint = transaction.Savepoint();
                    change(database, transaction);
                    transaction.RollBackTo(savepoint);
                    transaction.Commit();
                }

                Assert.That(Committed(database), Is.EqualTo(expected), name);
                var report = database.Check();
                Assert.That(report.IsOk, () => $"{name}: {string.Join('\n', report.Problems)}");
            }

            using var again = Database.Open(storage, Options(budget));
            Assert.That(Committed(again), Is.EqualTo(expected), name);
        }
    }

    [Test]
    public void Commit_WhenAllWasRolledBack_CommitsNothing([Values(0, 10_000_000)] int budget)
    {
        foreach (var (name, change) in Changes)
        {
            using var database = Database.OpenInMemory(Options(budget));
            Fill(database);
            var state = database.Core.Published;
            using var transaction = database.BeginWrite();
            var savepoint = transaction.Savepoint();
            change(database, transaction);
            transaction.RollBackTo(savepoint);
            Assert.That(transaction.Commit(), Is.EqualTo(state.Id), name);
            Assert.That(database.Core.Published, Is.SameAs(state), name);
            Assert.That(database.Check().IsOk, name);
        }
    }

    [Test]
    public void Commit_OfAnotherTree_LeavesTheRecordOfOneThatWasRolledBackAlone([Values(0, 10_000_000)] int budget)
    {
        using var database = Database.OpenInMemory(Options(budget));
        Fill(database);
        var (main, nextId) = (database.Core.Published.Main, database.Core.Published.NextTreeId);
        using (var transaction = database.BeginWrite())
        {
            var savepoint = transaction.Savepoint();
            Put(transaction, 0, Entries, 1, 30);
            Create(transaction, "new");
            transaction.RollBackTo(savepoint);
            transaction[database.GetTree("a")].Put("k"u8, "v"u8);
            transaction.Commit();
        }

        Assert.That(database.Core.Published.Main, Is.EqualTo(main));
        Assert.That(database.Core.Published.NextTreeId, Is.EqualTo(nextId));
        using var read = database.BeginRead();
        Assert.That(read.TreeExists(database.GetTree("new")), Is.False);
        Assert.That(read[database.GetTree("a")].Get("k"u8), Is.EqualTo("v"u8.ToArray()));
    }

    [Test]
    public void Savepoints_ThatAreOfNoUse_AreRefused_AndNothingIsChanged()
    {
        using var database = Database.OpenInMemory(Defaults);
        using var otherDatabase = Database.OpenInMemory(Defaults);
        Savepoint ofEnded;
        using (var ended = database.BeginWrite())
        {
            ofEnded = ended.Savepoint();
            ended.Abort();
            Assert.That(() => ended.RollBackTo(ofEnded), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => ended.Release(ofEnded), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => ended.Savepoint(), Throws.TypeOf<ObjectDisposedException>());
        }

        using var other = otherDatabase.BeginWrite();
        using var transaction = database.BeginWrite();
        var first = transaction.Savepoint();
        transaction.Main.Put("a"u8, "1"u8);
        var second = transaction.Savepoint();
        var third = transaction.Savepoint();
        transaction.Main.Put("a"u8, "2"u8);
        transaction.Release(second);
        RequireRefused(transaction, default, "not set by this transaction");
        RequireRefused(transaction, ofEnded, "not set by this transaction");
        RequireRefused(transaction, other.Savepoint(), "not set by this transaction");
        RequireRefused(transaction, second, "gone");
        Assert.That(transaction.Main.Get("a"u8), Is.EqualTo("2"u8.ToArray()));

        transaction.RollBackTo(first);
        RequireRefused(transaction, second, "gone");
        RequireRefused(transaction, third, "gone");
        transaction.RollBackTo(first);
        var fourth = transaction.Savepoint();
        RequireRefused(transaction, third, "gone");
        transaction.Release(first);
        RequireRefused(transaction, first, "gone");
        transaction.RollBackTo(fourth);
        Assert.That(transaction.Main.Count, Is.Zero);
    }

    [Test]
    public void Savepoints_AreEqualIfTheyAreTheSamePoint()
    {
        using var database = Database.OpenInMemory(Defaults);
        using var transaction = database.BeginWrite();
        var (first, second) = (transaction.Savepoint(), transaction.Savepoint());
        var copy = first;
        Assert.That(copy == first && copy.Equals((object)first) && copy.GetHashCode() == first.GetHashCode());
        Assert.That(first != second && !first.Equals(second) && !first.Equals("first"));
        Assert.That(first, Is.Not.EqualTo(default(Savepoint)));
    }

    [Test]
    public void Release_InAnyOrder_LeavesTheOthersAsTheyAre([Values(0, 10_000_000)] int budget)
    {
        using var database = Database.OpenInMemory(Options(budget));
        Fill(database);
        int[][] orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        foreach (var order in orders)
        {
            for (var released = 0; released < 3; released++)
            {
                using var transaction = database.BeginWrite();
                var (savepoints, contents) = (new List<Savepoint>(), new List<string>());
                for (var i = 0; i < 3; i++)
                {
                    savepoints.Add(transaction.Savepoint());
                    contents.Add(Contents(database, transaction));
                    Put(transaction, i, Entries, step: 2, length: 30);
                    transaction.Main.Put(Sample.Key(i), Sample.Bytes(5000, i));
                }

                foreach (var i in order[..released])
                {
                    transaction.Release(savepoints[i]);
                    Put(transaction, i, Entries, step: 3, length: 10);
                }

                foreach (var i in order[released..].OrderDescending())
                {
                    transaction.RollBackTo(savepoints[i]);
                    Assert.That(Contents(database, transaction), Is.EqualTo(contents[i]));
                }
            }
        }
    }

    [Test]
    public void LongTransaction_ThatSpillsAgainAndAgain_BelowASavepoint_DoesNotGrowTheFile([Values] bool release)
    {
        using var database = Database.OpenInMemory(Options(0));
        Fill(database);
        using var transaction = database.BeginWrite();
        Put(transaction, 0, Entries, step: 1, length: 30);
        var expected = Contents(database, transaction);
        var savepoint = transaction.Savepoint();
        Put(transaction, 0, Entries, step: 1, length: 20);
        var length = database.Core.File.Length;
        if (release)
        {
            transaction.Release(savepoint);
        }

        for (var i = 0; i < 20; i++)
        {
            Put(transaction, 0, Entries, step: 1, length: 20);
        }

        Assert.That(database.Core.File.Length, Is.LessThan(2 * length));
        if (!release)
        {
            transaction.RollBackTo(savepoint);
            Assert.That(Contents(database, transaction), Is.EqualTo(expected));
        }

        transaction.Commit();
        Assert.That(database.Check().IsOk);
    }

    [Test]
    public void Commit_WithSavepointsThatKeepPages_OnADiskThatIsFullAtFirst_IsTriedAgain()
    {
        using var storage = new QuotaStorage();
        var options = new DatabaseOptions
        {
            FlushInterval = Timeout.InfiniteTimeSpan,
            DeferredLimit = long.MaxValue,
            AllowTestPageSizes = true,
            EarlyWriteThreshold = 20_000,
        };
        using (var database = Database.Open(storage, options))
        {
            Sample.Fill(database, 0, 2000, 100);
            Overwrite(database, 0, 1000, seed: 1);
            var deferred = database.GetStatistics().TransactionId;
            storage.Quota = storage.Used + 20;
            using var transaction = database.BeginWrite();
            transaction.Main.Put("large"u8, Sample.Bytes(30_000, 1));
            transaction.Savepoint();
            transaction.Main.Delete("large"u8);
            Put(transaction, 1000, 2000, step: 1, length: 100);
            transaction.Commit(CommitMode.Deferred);
            Assert.That(
                database.GetStatistics().DurableTransactionId, Is.EqualTo(deferred), "room was had by a flush");
            Assert.That(database.Check().IsOk);
            Assert.That(database.GetStatistics().Main.Entries, Is.EqualTo(2000));
        }

        using var again = Database.Open(storage, options);
        Assert.That(Sample.Get(again, Sample.Key(1500)), Is.EqualTo(Sample.Bytes(100, 1500 ^ 100)));
        Assert.That(again.Check().IsOk);
    }

    [Test]
    public void RollBackTo_AfterAFullDisk_HealsTheTransaction([Values] bool largeValue)
    {
        using var storage = new FaultStorage();
        using var database = Database.Open(storage, Options(6000));
        Fill(database);
        using var transaction = database.BeginWrite();
        Put(transaction, 0, Entries, step: 2, length: 30);
        var expected = Contents(database, transaction);
        var savepoint = transaction.Savepoint();
        Put(transaction, 0, 10, step: 2, length: 20);
        storage.BeforeWrite = static _ => throw FaultStorage.Full;
        Assert.That(
            () =>
            {
                if (largeValue)
                {
                    transaction.Main.Put("large"u8, Sample.Bytes(10_000, 1));
                }

                Put(transaction, 0, 10 * Entries, step: 1, length: 30);
            },
            Throws.TypeOf<DatabaseFullException>());
        storage.BeforeWrite = null;
        Assert.That(() => transaction.Main.Get("k"u8), Throws.InvalidOperationException);
        Assert.That(() => transaction.Savepoint(), Throws.InvalidOperationException);
        Assert.That(() => transaction.BeginNested(), Throws.InvalidOperationException);
        Assert.That(() => transaction.Release(savepoint), Throws.InvalidOperationException);

        transaction.RollBackTo(savepoint);
        Assert.That(Contents(database, transaction), Is.EqualTo(expected));
        transaction.Commit();
        Assert.That(Committed(database), Is.EqualTo(expected));
        Assert.That(database.Check().IsOk);
    }

    [Test]
    public void RollBackTo_AfterACallbackThatThrew_HealsTheTransaction([Values(10, 1000, 20_000)] int length)
    {
        using var database = Database.OpenInMemory(Options(10_000_000));
        Fill(database);
        using var transaction = database.BeginWrite();
        transaction.Main.Put("k"u8, "v"u8);
        var expected = Contents(database, transaction);
        var savepoint = transaction.Savepoint();
        SpanAction<byte, WriteTransaction> fill = (value, running) =>
        {
            value.Fill(1);
            Assert.That(() => running.Savepoint(), Throws.InvalidOperationException);
            Assert.That(() => running.RollBackTo(savepoint), Throws.InvalidOperationException);
            throw new TreeExistsException("of another database, say");
        };
        for (var round = 0; round < 2; round++)
        {
            Assert.That(
                () => transaction.Main.Put(Sample.Key(7), length, transaction, fill),
                Throws.TypeOf<TreeExistsException>());
            transaction.RollBackTo(savepoint);
            Assert.That(Contents(database, transaction), Is.EqualTo(expected));
        }

        transaction.Commit();
        Assert.That(Committed(database), Is.EqualTo(expected));
    }

    [Test]
    public void RollBackTo_InACallbackThatReads_IsRefused()
    {
        using var database = Database.OpenInMemory(Defaults);
        using var transaction = database.BeginWrite();
        var savepoint = transaction.Savepoint();
        transaction.Main.Put("k"u8, "v"u8);
        transaction.Read((transaction, savepoint), static (read, running) =>
        {
            var (transaction, savepoint) = running;
            Assert.That(() => transaction.Savepoint(), Throws.InvalidOperationException);
            Assert.That(() => transaction.RollBackTo(savepoint), Throws.InvalidOperationException);
            Assert.That(() => transaction.Release(savepoint), Throws.InvalidOperationException);
            Assert.That(() => transaction.BeginNested(), Throws.InvalidOperationException);
            return read.Main.Count;
        });
        Assert.That(transaction.Main.Count, Is.EqualTo(1));
    }

    [Test]
    public void Cursors_GoOnAfterARollBack([Values(0, 10_000_000)] int budget)
    {
        using var database = Database.OpenInMemory(Options(budget));
        Fill(database);
        using var transaction = database.BeginWrite();
        var tree = database.GetTree("a");
        var savepoint = transaction.Savepoint();
        var (inGap, onGone, onKept, ofDropped) =
            (transaction.Main.OpenCursor(), transaction.Main.OpenCursor(), transaction.Main.OpenCursor(),
                transaction[tree].OpenCursor());
        Put(transaction, 1000, 1100, step: 1, length: 20);
        inGap.Seek(Sample.Key(50));
        inGap.Delete();
        onGone.Seek(Sample.Key(1050));
        onKept.Seek(Sample.Key(60));
        onKept.SetValue("changed"u8);
        ofDropped.MoveToFirst();
        transaction.DropTree(tree);
        Assert.That(() => ofDropped.MoveNext(), Throws.TypeOf<TreeNotFoundException>());
        transaction.RollBackTo(savepoint);

        // The entry in whose gap it stood is there again.
        Assert.That(inGap.MoveNext() && inGap.Key.SequenceEqual(Sample.Key(51)));
        Assert.That(onGone.IsValid, Is.False);
        Assert.That(onGone.MovePrevious() && onGone.Key.SequenceEqual(Sample.Key(Entries - 1)));
        Assert.That(onKept.IsValid && onKept.GetValue().AsSpan().SequenceEqual(Value(60, 20)));
        Assert.That(ofDropped.IsValid && ofDropped.MoveNext() && ofDropped.Key.SequenceEqual(Sample.Key(1)));
    }

    [Test]
    public void Loads_ThatRunAtASavepoint_GoOnFromThere([Values(0, 10_000_000)] int budget)
    {
        using var database = Database.OpenInMemory(Options(budget));
        using var transaction = database.BeginWrite();
        using var load = transaction.Main.BeginLoad();
        Add(load, 0, 50);
        var savepoint = transaction.Savepoint();
        Add(load, 50, 100);
        load.Add(Sample.Key(1), "sorted"u8);
        Assert.That(() => transaction.Savepoint(), Throws.InvalidOperationException.With.Message.Contains("Complete"));
        Assert.That(
            () => transaction.BeginNested(), Throws.InvalidOperationException.With.Message.Contains("Complete"));

        transaction.RollBackTo(savepoint);
        Assert.That((load.Added, transaction.Main.Count), Is.EqualTo((50, 50)));
        Add(load, 50, 70);

        // Not ascending any more, and of equal keys the last one stays.
        load.Add(Sample.Key(10), "again"u8);
        load.Complete();
        Assert.That((load.Added, transaction.Main.Count), Is.EqualTo((71, 70)));
        Assert.That(transaction.Main.Get(Sample.Key(10)), Is.EqualTo("again"u8.ToArray()));
        transaction.RollBackTo(savepoint);
        Assert.That(transaction.Main.Count, Is.EqualTo(50));
        Assert.That(() => load.Add("k"u8, "v"u8), Throws.InvalidOperationException);
        transaction.Commit();
    }

    [Test]
    public void Loads_ThatBeganAfterASavepoint_AreGoneWhenItIsRolledBackTo([Values] bool sorting)
    {
        using var database = Database.OpenInMemory(Defaults);
        using var transaction = database.BeginWrite();
        var savepoint = transaction.Savepoint();
        using var load = transaction.Main.BeginLoad();
        Add(load, 0, 50);
        if (sorting)
        {
            load.Add(Sample.Key(0), default);
        }

        transaction.RollBackTo(savepoint);
        Assert.That(
            () => load.Add("k"u8, "v"u8), Throws.InvalidOperationException.With.Message.Contains("rolled back"));
        Assert.That(() => load.Complete(), Throws.InvalidOperationException);
        load.Dispose();
        transaction.Main.Put("k"u8, "v"u8);
        transaction.Commit();
        Assert.That(database.GetStatistics().Main.Entries, Is.EqualTo(1));
    }

    [Test]
    public void RollBackTo_AfterALoadWasAbandoned_HealsTheTransaction()
    {
        using var database = Database.OpenInMemory(Defaults);
        using var transaction = database.BeginWrite();
        var savepoint = transaction.Savepoint();
        using (var load = transaction.Main.BeginLoad())
        {
            Add(load, 0, 50);
        }

        Assert.That(() => transaction.Main.Put("k"u8, "v"u8), Throws.InvalidOperationException);
        transaction.RollBackTo(savepoint);
        transaction.Main.Put("k"u8, "v"u8);
        transaction.Commit();
        Assert.That(database.GetStatistics().Main.Entries, Is.EqualTo(1));
    }

    [Test]
    public void ManyRounds_NeitherAllocateNorGrow(
        [Values] bool outer, [Values] bool release, [Values] bool newKeys)
    {
        const int Rounds = 100_000;
        using var database = Database.OpenInMemory(Defaults);
        using var transaction = database.BeginWrite();
        if (outer)
        {
            transaction.Savepoint();
        }

        var (key, value) = (Sample.Key(0), new byte[50]);
        long allocated = 0, memory = 0;
        for (var i = 0; i < Rounds; i++)
        {
            if (i == Rounds / 10)
            {
                allocated = GC.GetAllocatedBytesForCurrentThread();
                memory = Memory(transaction);
            }

            key[3] = (byte)(newKeys ? i : 0);
            key[2] = (byte)(newKeys ? i >> 8 : 0);
            value[0] = (byte)i;
            var savepoint = transaction.Savepoint();
            transaction.Main.Put(key, value);
            if (release)
            {
                transaction.Release(savepoint);
            }
            else
            {
                transaction.RollBackTo(savepoint);
                transaction.Release(savepoint);
            }
        }

        // The keys of all rounds take memory themselves, which the first of them do not have yet.
        var growth = release && newKeys ? 8_000_000 : 0;

        // A collection that others cause may count what is left of the thread's piece of the heap, up to 8 KiB, as
        // allocated. One object a round would be more than two million bytes.
        const int Unused = 64 * 1024;
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - allocated, Is.LessThan(growth + Unused));
        Assert.That(Memory(transaction) - memory, Is.LessThanOrEqualTo(2 * growth));
    }

    private static long Memory(WriteTransaction transaction)
    {
        using var entered = transaction.Enter(out var context);
        return context.BytesToWrite + context.SavepointBytes;
    }

    private static void RequireRefused(WriteTransaction transaction, Savepoint savepoint, string message)
    {
        Assert.That(
            () => transaction.RollBackTo(savepoint),
            Throws.TypeOf<SavepointException>().With.Message.Contains(message));
        Assert.That(
            () => transaction.Release(savepoint), Throws.TypeOf<SavepointException>().With.Message.Contains(message));
    }

    private static DatabaseOptions Options(int budget) => new()
    {
        PageSize = Sample.TinyPage,
        AllowTestPageSizes = true,
        FlushInterval = Timeout.InfiniteTimeSpan,
        TransactionMemory = budget,
        EarlyWriteThreshold = 2000,
    };

    private static void Fill(Database database)
    {
        using var transaction = database.BeginWrite();
        for (var i = 0; i < Entries; i++)
        {
            transaction.Main.Put(Sample.Key(i), Value(i, 20));
        }

        transaction.Main.Put(Sample.Key(-5), Sample.Bytes(4000, 5));
        foreach (var name in (string[])["a", "b"])
        {
            var tree = transaction.CreateTree(name);
            for (var i = 0; i < 40; i++)
            {
                transaction[tree].Put(Sample.Key(i), Encoding.ASCII.GetBytes($"{name}{i}"));
            }
        }

        transaction.Commit();
    }

    private static byte[] Value(int number, int length) => Sample.Bytes(length, number ^ length);

    private static void Put(WriteTransaction transaction, int from, int to, int step, int length)
    {
        for (var i = from; step > 0 ? i < to : i > to; i += step)
        {
            transaction.Main.Put(Sample.Key(i), Value(i, length));
        }
    }

    private static void Overwrite(Database database, int from, int to, int seed)
    {
        using var transaction = database.BeginWrite();
        Put(transaction, from, to, seed, 100);
        transaction.Commit(CommitMode.Deferred);
    }

    private static void Delete(WriteTransaction transaction, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            transaction.Main.Delete(Sample.Key(i));
        }
    }

    private static void Create(WriteTransaction transaction, string name)
    {
        var tree = transaction.CreateTree(name);
        for (var i = 0; i < 20; i++)
        {
            transaction[tree].Put(Sample.Key(i), Encoding.ASCII.GetBytes($"new {name}{i}"));
        }
    }

    private static void Rename(Database database, WriteTransaction transaction, string name, string newName)
    {
        if (transaction.TreeExists(database.GetTree(name)))
        {
            transaction.TryDropTree(newName);
            transaction.RenameTree(name, newName);
        }
    }

    private static void Add(BulkLoader load, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            load.Add(Sample.Key(i), Value(i, 20));
        }
    }

    private static string Contents(Database database, WriteTransaction transaction) =>
        transaction.Read(database, static (read, database) => Contents(database, read));

    private static string Committed(Database database)
    {
        using var read = database.BeginRead();
        return Contents(database, read);
    }

    private static string Contents(Database database, ReadTransaction read)
    {
        var text = new StringBuilder();
        Append(text, string.Empty, read.Main);
        foreach (var name in read.GetTreeNames())
        {
            Append(text, name, read[database.GetTree(name)]);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string name, TreeReader tree)
    {
        text.Append('[').Append(name).Append(' ').Append(tree.Count).Append(']');
        foreach (var (key, value) in tree.All())
        {
            var hash = default(HashCode);
            hash.AddBytes(value);
            text.Append(Convert.ToHexString(key)).Append('=').Append(value.Length).Append('/').Append(hash.ToHashCode())
                .Append('\n');
        }
    }
}
