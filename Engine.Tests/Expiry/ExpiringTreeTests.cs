using System.Text;
using Engine.Tests.Infrastructure;
using static Engine.Tests.Expiry.ExpiringDatabase;

namespace Engine.Tests.Expiry;

/// <summary>What readers and writers of expiring trees say at which time.</summary>
public class ExpiringTreeTests
{
    private ExpiringDatabase _expiring = null!;

    private Database Database => _expiring.Database;

    private ExpiringTree Tree => _expiring.Tree;

    [SetUp]
    public void Open() => _expiring = new ExpiringDatabase();

    [TearDown]
    public void Close() => _expiring.Dispose();

    [Test]
    public void TryGet_ShowsAnEntryUntilTheMillisecondInWhichItExpires()
    {
        Database.Write(tx => tx[Tree].Put("a"u8, "1"u8, At(10)));

        foreach (var (now, isThere) in new[] { (0.0, true), (9, true), (9.99, true), (10, false), (11, false) })
        {
            _expiring.Time.Now = At(now);
            using var read = Database.BeginRead();
            var isFound = read[Tree].TryGet("a"u8, out var value, out var expiresAt);
            Assert.Multiple(() =>
            {
                Assert.That(isFound, Is.EqualTo(isThere), $"at {now}");
                Assert.That(expiresAt, Is.EqualTo(isThere ? At(10) : (DateTimeOffset?)null));
            });
            Assert.That(Encoding.UTF8.GetString(value), Is.EqualTo(isThere ? "1" : ""));
            Assert.That(read[Tree].ContainsKey("a"u8), Is.EqualTo(isThere));
            Assert.That(read[Tree].Get("a"u8) is not null, Is.EqualTo(isThere));
            Assert.That(read[Tree].All().Count(), Is.EqualTo(isThere ? 1 : 0));
            Assert.That(read[Tree].CountWithExpired, Is.EqualTo(1));
        }
    }

    [Test]
    public void Put_RoundsTheTimeUp_SoThatNothingExpiresTooEarly()
    {
        Database.Write(tx =>
        {
            tx[Tree].Put("a"u8, "1"u8, At(10).AddTicks(1));
            tx[Tree].Put("b"u8, "2"u8, TimeSpan.FromTicks(1));
            tx[Tree].Put("c"u8, "3"u8, DateTimeOffset.MinValue);
            tx[Tree].Put("d"u8, "4"u8, DateTimeOffset.MaxValue);
            tx[Tree].Put("e"u8, "5"u8, TimeSpan.MaxValue);
        });

        using var read = Database.BeginRead();
        _ = read[Tree].TryGet("a"u8, out _, out var rounded);
        Assert.That(rounded, Is.EqualTo(At(11)));
        Assert.That(Show(read[Tree].All()), Is.EqualTo("a=1 b=2 d=4 e=5"));
        Assert.That(read[Tree].TryGet("d"u8, out _, out var never) && never is null);
        Assert.That(read[Tree].TryGet("e"u8, out _, out never) && never is null);
    }

    [Test]
    public void Reader_KeepsItsTime_AndAnotherOneHasAnother()
    {
        Database.Write(tx => tx[Tree].Put("a"u8, "1"u8, TimeSpan.FromMilliseconds(10)));
        using var read = Database.BeginRead();
        var before = read[Tree];
        _expiring.Time.Now = At(10);

        Assert.That(before.ContainsKey("a"u8));
        Assert.That(before.Now, Is.EqualTo(At(0)));
        Assert.That(read[Tree].ContainsKey("a"u8), Is.False);
    }

    [Test]
    public void Writer_TakesAnExpiredEntryForNone()
    {
        Database.Write(tx => tx[Tree].Put("a"u8, "1"u8, At(10)));
        using var tx = Database.BeginWrite();
        var writer = tx[Tree];
        Assert.That(writer.TryAdd("a"u8, "2"u8), Is.False);
        Assert.That(writer.TryGetExpiry("a"u8, out var at) && at == At(10));
        _expiring.Time.Now = At(10);

        Assert.That(writer.ContainsKey("a"u8), Is.False);
        Assert.That(writer.Get("a"u8), Is.Null);
        Assert.That(writer.TryGet("a"u8, new byte[4], out _), Is.EqualTo(GetResult.NotFound));
        Assert.That(writer.TryGetExpiry("a"u8, out at), Is.False);
        Assert.That(at, Is.Null);
        Assert.That(writer.Touch("a"u8, At(20)), Is.False);
        Assert.That(writer.Delete("a"u8), Is.False);
        Assert.That(writer.TryAdd("a"u8, "2"u8, TimeSpan.FromMilliseconds(5)));
        Assert.That(writer.Get("a"u8), Is.EqualTo("2"u8.ToArray()));
        Assert.That(writer.TryGetExpiry("a"u8, out at) && at == At(15));
        Assert.That(writer.Delete("a"u8));
        Assert.That(writer.CountWithExpired, Is.Zero);
    }

    [Test]
    public void Touch_ChangesTheTime_AndLeavesTheValue([Values(1, 3000, 300_000)] int length)
    {
        var value = new byte[length];
        new Random(1).NextBytes(value);
        Database.Write(tx => tx[Tree].Put("a"u8, value, At(10)));
        Database.Write(tx => Assert.That(tx[Tree].Touch("a"u8, TimeSpan.FromMilliseconds(20))));
        _expiring.RequireIndex();
        _expiring.Time.Now = At(15);
        Database.Write(tx => Assert.That(tx[Tree].Touch("a"u8, DateTimeOffset.MaxValue)));
        _expiring.RequireIndex();
        _expiring.Time.Now = At(1e9);

        Assert.That(Database.Read(Tree, static (read, tree) => read[tree].Get("a"u8)), Is.EqualTo(value));
        Assert.That(Database.Check().IsOk);
    }

    [Test]
    public void Ranges_PassOverWhatHasExpired()
    {
        Database.Write(tx =>
        {
            for (var i = 0; i < 26; i++)
            {
                tx[Tree].Put([(byte)('a' + i)], [(byte)('A' + i)], At(i % 3 == 0 ? 10 : 1000));
            }
        });
        _expiring.Time.Now = At(10);
        using var read = Database.BeginRead();
        var reader = read[Tree];

        Assert.That(Show(reader.Range("a"u8, "h"u8)), Is.EqualTo("b=B c=C e=E f=F"));
        Assert.That(Show(reader.From("w"u8)), Is.EqualTo("w=W x=X z=Z"));
        Assert.That(Show(reader.Until("d"u8)), Is.EqualTo("b=B c=C"));
        Assert.That(Show(reader.Prefix("d"u8)), Is.Empty);
        Assert.That(Show(reader.All().Take(3)), Is.EqualTo("b=B c=C e=E"));
        Assert.That(Show(reader.All().After("b"u8).Before("g"u8)), Is.EqualTo("c=C e=E f=F"));
        Assert.That(reader.All().Take(5).Count(), Is.EqualTo(5));
        var reverse = new StringBuilder();
        foreach (var (key, _, expiresAt) in reader.Until("i"u8).Reverse().Take(3))
        {
            Assert.That(expiresAt, Is.EqualTo(At(1000)));
            reverse.Append(Encoding.UTF8.GetString(key));
        }

        Assert.That(reverse.ToString(), Is.EqualTo("hfe"));
        Assert.That(reader.All().Reverse().Count(), Is.EqualTo(reader.All().Count()));
    }

    [Test]
    public void Range_AfterTake_CannotBeNarrowed()
    {
        Assert.Throws<InvalidOperationException>(() => Use(static range => range.Take(1).After("a"u8).Count()));
        Assert.Throws<InvalidOperationException>(() => Use(static range => range.Take(1).Before("a"u8).Count()));
        Assert.Throws<InvalidOperationException>(() => Use(static range => range.Take(1).Reverse().Count()));
        Assert.Throws<ArgumentOutOfRangeException>(() => Use(static range => range.Take(-1).Count()));
    }

    [Test]
    public void NextExpiry_IsTheFirstTimeAfterThePresent()
    {
        Assert.That(Next(), Is.Null);
        Database.Write(tx =>
        {
            tx[Tree].Put("a"u8, "1"u8, At(30));
            tx[Tree].Put("b"u8, "1"u8, At(10));
            tx[Tree].Put("c"u8, "1"u8);
        });
        Assert.That(Next(), Is.EqualTo(At(10)));
        _expiring.Time.Now = At(10);
        Assert.That(Next(), Is.EqualTo(At(30)));
        _expiring.Time.Now = At(30);
        Assert.That(Next(), Is.Null);

        DateTimeOffset? Next() => Database.Read(Tree, static (read, tree) => read[tree].NextExpiry);
    }

    [Test]
    public async Task Snapshot_KeepsItsState_WhileTheTimeGoesOn()
    {
        Database.Write(tx =>
        {
            for (var i = 0; i < 250; i++)
            {
                tx[Tree].Put(BitConverter.GetBytes(i), "v"u8, At(i < 120 ? 10 : 20));
            }
        });
        await using var snapshot = Database.OpenSnapshot();
        var tree = snapshot[Tree];
        Database.Write(tx => tx[Tree].Clear());

        Assert.That(tree.All().Count(), Is.EqualTo(250));
        Assert.That(tree.NextExpiry, Is.EqualTo(At(10)));
        _expiring.Time.Now = At(10);
        Assert.That(tree.All().Count(), Is.EqualTo(130));
        Assert.That(tree.CountWithExpired, Is.EqualTo(250));
        Assert.That(tree.Get(BitConverter.GetBytes(3)), Is.Null);
        Assert.That(tree.Get(BitConverter.GetBytes(200), out var expiresAt), Is.EqualTo("v"u8.ToArray()));
        Assert.That(expiresAt, Is.EqualTo(At(20)));
        Assert.That(tree.ContainsKey(BitConverter.GetBytes(200)));
        Assert.That(tree, Is.EqualTo(snapshot[Database.GetExpiringTree("sessions")]));
        Assert.Throws<InvalidOperationException>(() => default(SnapshotExpiringTree).ContainsKey("a"u8));
    }

    [Test]
    public void Arguments_ThatCannotBe_AreRefusedAndChangeNothing()
    {
        using var tx = Database.BeginWrite();
        var limit = Database.MaxKeyLength - 8;
        tx[Tree].Put(new byte[limit], "1"u8, At(10));
        Assert.Throws<KeyTooLongException>(() => tx[Tree].Put(new byte[limit + 1], "1"u8));
        Assert.Throws<ArgumentOutOfRangeException>(() => tx[Tree].Put("a"u8, "1"u8, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => tx[Tree].Touch("a"u8, TimeSpan.FromSeconds(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => tx[Tree].RemoveExpired(-1));
        Assert.Throws<InvalidOperationException>(() => default(ExpiringTreeWriter).Delete("a"u8));
        Assert.That(tx[Tree].CountWithExpired, Is.EqualTo(1));
        tx.Commit();
        _expiring.RequireIndex();
    }

    [Test]
    public void TryGet_AllocatesNothing()
    {
        Database.Write(tx => tx[Tree].Put("a"u8, "1"u8, At(10)));
        using var read = Database.BeginRead();
        Look(read);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Look(read);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Put_AllocatesNothing()
    {
        using var tx = Database.BeginWrite();
        tx[Tree].Put("z"u8, "1"u8, At(30));
        Change(tx);
        Change(tx);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Change(tx);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private void Change(WriteTransaction tx)
    {
        tx[Tree].Put("a"u8, "1"u8, At(10));
        _ = tx[Tree].Touch("a"u8, At(20));
        _ = tx[Tree].Delete("a"u8);
    }

    private void Look(ReadTransaction read)
    {
        var reader = read[Tree];
        _ = reader.TryGet("a"u8, out _);
        _ = reader.TryGet("a"u8, out _, out _);
        _ = reader.NextExpiry;
        foreach (var _ in reader.All())
        {
        }
    }

    private long Use(Func<ExpiringTreeRange, long> use) =>
        Database.Read((Tree, use), static (read, state) => state.use(read[state.Tree].All()));
}
