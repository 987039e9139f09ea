using Engine.Pages;
using Engine.Storage;
using Engine.Tests.Infrastructure;
using Engine.Transactions;

namespace Engine.Tests.Transactions;

/// <summary>Values that are written when they are put: which, and how the commit accounts for them.</summary>
public class EarlyValueTests
{
    private const int Large = 300_000;
    private const int Medium = 16 * 1024;

    private CountingStorage _storage = null!;

    [SetUp]
    public void MakeStorage() => _storage = new CountingStorage(new MemoryStorage());

    [TearDown]
    public void DisposeStorage() => _storage.Dispose();

    [Test]
    public void DurableCommit_OfALargeValue_IsVerified_AndFlushesOnce()
    {
        using var database = Open();
        _storage.Counts.Reset();

        Sample.Put(database, "a"u8, Sample.Bytes(Large, 1));

        Assert.That(_storage.Counts.Flushes, Is.EqualTo(1));
        RequireListed(Pages(Large) + 1);
    }

    [Test]
    public void DurableCommit_ListsTheValuesThatItStillHas()
    {
        using var database = Open();
        using (var transaction = database.BeginWrite())
        {
            transaction.Main.Put("a"u8, Sample.Bytes(Large, 1));
            transaction.Main.Put("b"u8, Sample.Bytes(Large, 2));
            transaction.Main.Put("c"u8, Sample.Bytes(Large, 3));
            transaction.Main.Put("a"u8, Sample.Bytes(Large + 10_000, 4));
            transaction.Main.Delete("b"u8);
            transaction.Commit();
        }

        RequireListed(Pages(Large + 10_000) + Pages(Large) + 1);
        using var again = Recover();
        Sample.AssertBytes(Sample.Get(again, "a"u8), Sample.Bytes(Large + 10_000, 4));
        Sample.AssertBytes(Sample.Get(again, "c"u8), Sample.Bytes(Large, 3));
        Assert.That(Sample.Get(again, "b"u8), Is.Null);
    }

    [Test]
    public void VerifiedCommit_WhoseEarlyValueDidNotReachTheDisk_IsNotBelieved()
    {
        using var database = Open();
        Sample.Put(database, "a"u8, "before"u8);
        var (offset, length) = (0L, 0);
        _storage.BeforeWrite = (at, bytes) => (offset, length) = bytes > length ? (at, bytes) : (offset, length);
        Sample.Put(database, "a"u8, Sample.Bytes(Large, 1));
        _storage.BeforeWrite = null;
        using (var file = _storage.OpenFile(writable: true))
        {
            file.Write(offset + length - 600, new byte[512]);
        }

        using var again = Recover();
        Assert.That(Sample.Get(again, "a"u8), Is.EqualTo("before"u8.ToArray()));
        Assert.That(again.Recovery!.Rejected, Has.Count.EqualTo(1));
    }

    [Test]
    public void Savepoint_BesideAnEarlyValue_LeavesAnOrderedCommit(
        [Values] bool isSetBefore, [Values] bool isRolledBack)
    {
        using var database = Open();
        using (var transaction = database.BeginWrite())
        {
            var savepoint = isSetBefore ? transaction.Savepoint() : default;
            transaction.Main.Put("a"u8, Sample.Bytes(Large, 1));
            savepoint = isSetBefore ? savepoint : transaction.Savepoint();
            transaction.Main.Put("b"u8, Sample.Bytes(Large, 2));
            if (isRolledBack)
            {
                transaction.RollBackTo(savepoint);
                transaction.Main.Put("c"u8, "x"u8);
            }

            _storage.Counts.Reset();
            transaction.Commit();
        }

        // What was rolled back is written by nobody.
        var isOrdered = !isSetBefore || !isRolledBack;
        Assert.That(_storage.Counts.Flushes, Is.EqualTo(isOrdered ? 2 : 1));
        Assert.That(
            Metas.Newest(_storage).Class, Is.EqualTo(isOrdered ? CommitClass.Ordered : CommitClass.Verified));
        using var again = Recover();
        Assert.That(Sample.Get(again, "a"u8) is not null, Is.EqualTo(!isRolledBack || !isSetBefore));
        Assert.That(Sample.Get(again, "b"u8) is not null, Is.EqualTo(!isRolledBack));
    }

    [Test]
    public void ValuesOfMorePagesThanAListMayHave_LeaveAnOrderedCommit()
    {
        using var database = Open();
        using var transaction = database.BeginWrite();
        for (var i = 0; i < 60; i++)
        {
            transaction.Main.Put(Sample.Key(i), Sample.Bytes(Large, i));
        }

        transaction.Commit();

        Assert.That(Metas.Newest(_storage).Class, Is.EqualTo(CommitClass.Ordered));
        using var again = Recover();
        Sample.AssertBytes(Sample.Get(again, Sample.Key(59)), Sample.Bytes(Large, 59));
    }

    [Test]
    public void MediumValues_OfATransactionThatHasMuch_AreWrittenWhenTheyArePut_AndListed()
    {
        using var database = Open();
        _storage.Counts.Reset();
        using var transaction = database.BeginWrite();
        for (var i = 0; i < 50; i++)
        {
            transaction.Main.Put(Sample.Key(i), Sample.Bytes(Medium, i));
        }

        Assert.That(_storage.Counts.Writes, Is.Empty, "a small transaction is written as a whole");
        for (var i = 50; i < 150; i++)
        {
            transaction.Main.Put(Sample.Key(i), Sample.Bytes(Medium, i));
        }

        Assert.That(_storage.Counts.WrittenBytes, Is.InRange(100 * Medium, 130 * Medium));
        transaction.Commit();

        Assert.That(Metas.Newest(_storage).Class, Is.EqualTo(CommitClass.Verified));
        using var again = Recover();
        for (var i = 0; i < 150; i++)
        {
            Sample.AssertBytes(Sample.Get(again, Sample.Key(i)), Sample.Bytes(Medium, i));
        }

        Assert.That(again.Check().IsOk);
    }

    [TestCase(Sample.TinyPage, 1)]
    [TestCase(Sample.TinyPage, Sample.TinyPage - PageLayout.HeaderSize)]
    [TestCase(Sample.TinyPage, Sample.TinyPage - PageLayout.HeaderSize + 1)]
    [TestCase(Sample.TinyPage, DirtyList.PieceBytes + Sample.TinyPage - PageLayout.HeaderSize)]
    [TestCase(4096, 4096)]
    [TestCase(4096, (2 * 4096) - PageLayout.HeaderSize)]
    [TestCase(4096, DirtyList.PieceBytes + 4096 - PageLayout.HeaderSize - 1)]
    [TestCase(4096, DirtyList.PieceBytes + 4096 - PageLayout.HeaderSize)]
    [TestCase(4096, DirtyList.PieceBytes + 4096 - PageLayout.HeaderSize + 1)]
    [TestCase(4096, (3 * DirtyList.PieceBytes) + 5000)]
    [TestCase(65536, 65536 - PageLayout.HeaderSize)]
    [TestCase(65536, DirtyList.PieceBytes + 65536)]
    public void Value_OfAnyNumberOfPagesAndPieces_IsInTheFileAsItWasPut_WithZerosBehindIt(int pageSize, int length)
    {
        using var database = Open(pageSize, threshold: 0);

        // What lay in the buffers before must not be behind the value.
        Sample.Put(database, "longer"u8, Enumerable.Repeat((byte)0xFF, length + (2 * pageSize)).ToArray());
        using (var transaction = database.BeginWrite())
        {
            transaction.Main.Put("put"u8, Sample.Bytes(length, 1));
            transaction.Main.Put("filled"u8, length, 2, static (value, seed) => new Random(seed).NextBytes(value));
            Sample.AssertBytes(transaction.Main.Get("put"u8)!, Sample.Bytes(length, 1));
            transaction.Commit();
        }

        using var again = Recover();
        Sample.AssertBytes(Sample.Get(again, "put"u8), Sample.Bytes(length, 1));
        Sample.AssertBytes(Sample.Get(again, "filled"u8), Sample.Bytes(length, 2));
        Assert.That(again.Check().IsOk);
        Assert.That(BytesBehindValues(pageSize, length), Has.Count.EqualTo(2).And.All.All.EqualTo(0));
    }

    [Test]
    public void Value_ThatAnotherThreadChangesWhileItIsPut_IsSomeValue_AndNoDamage()
    {
        var bytes = new byte[Large * 4];
        var isDone = false;
        var vandal = new Thread(() =>
        {
            for (byte next = 0; !Volatile.Read(ref isDone); next++)
            {
                bytes.AsSpan().Fill(next);
            }
        });
        using var database = Open();
        vandal.Start();
        try
        {
            for (var i = 0; i < 20; i++)
            {
                Sample.Put(database, Sample.Key(i), bytes);
            }
        }
        finally
        {
            Volatile.Write(ref isDone, true);
            vandal.Join();
        }

        using var again = Recover();
        Assert.That(again.Check().IsOk);
        Assert.That(Sample.Get(again, Sample.Key(19)), Has.Length.EqualTo(bytes.Length));
    }

    private static ulong Pages(int length) => PageLayout.OverflowPages((uint)length, 4096);

    private Database Open() => Open(4096, new DatabaseOptions().EarlyWriteThreshold);

    private Database Open(int pageSize, int threshold) => Database.Open(
        _storage,
        new DatabaseOptions
        {
            PageSize = pageSize,
            AllowTestPageSizes = true,
            FlushInterval = Timeout.InfiniteTimeSpan,
            EarlyWriteThreshold = threshold,
        });

    /// <summary>What the file has behind each value of a length, up to the end of its last page.</summary>
    private List<byte[]> BytesBehindValues(int pageSize, int length)
    {
        using var file = _storage.OpenFile(writable: false);
        var bytes = new byte[file.Length];
        file.Read(0, bytes);
        var found = new List<byte[]>();
        for (var at = (int)PageLayout.FirstPage(pageSize) * pageSize; at < bytes.Length; at += pageSize)
        {
            var isRun = bytes[at + PageLayout.KindOffset] == (byte)PageKind.Overflow
                && BitConverter.ToUInt64(bytes, at + PageLayout.NumberOffset) == (ulong)(at / pageSize)
                && BitConverter.ToInt32(bytes, at + PageLayout.LengthOffset) == length;
            if (isRun)
            {
                var end = at + ((int)PageLayout.OverflowPages((uint)length, pageSize) * pageSize);
                found.Add(bytes[(at + PageLayout.HeaderSize + length)..end]);
            }
        }

        return found;
    }

    /// <summary>Another database of the same file as it is now, as after a power cut.</summary>
    private Database Recover()
    {
        var copy = new MemoryStorage();
        using (var from = _storage.OpenFile(writable: false))
        using (var to = copy.CreateTemporary())
        {
            var bytes = new byte[from.Length];
            from.Read(0, bytes);
            to.Write(0, bytes);
        }

        copy.RenameTemporary();
        return Database.Open(copy, new DatabaseOptions { AllowTestPageSizes = true });
    }

    private void RequireListed(ulong pages)
    {
        var meta = Metas.Newest(_storage);
        Assert.That(meta.Class, Is.EqualTo(CommitClass.Verified));
        using var file = _storage.OpenFile(writable: false);
        Assert.That(CommitVerification.TryReadRuns(file, meta, 4096, out var runs));
        Assert.That(runs.Aggregate(0ul, static (sum, run) => sum + run.Length), Is.EqualTo(pages));
        Assert.That(CommitVerification.PagesMatch(file, meta, 4096, out _));
    }
}
