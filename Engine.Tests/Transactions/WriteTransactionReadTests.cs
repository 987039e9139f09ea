using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>
/// Reading in a write transaction: it sees its own writes, what it gives is the caller's for good, and what is shown
/// without copying is shown in a callback that nothing can be written in.
/// </summary>
public class WriteTransactionReadTests
{
    private Database _database = null!;
    private WriteTransaction _transaction = null!;

    private Tree Main => _database.Main;

    [SetUp]
    public void Open()
    {
        _database = Sample.InMemory();
        Sample.Fill(_database, 0, 100);
        _transaction = _database.BeginWrite();
    }

    [TearDown]
    public void Close()
    {
        _transaction.Dispose();
        _database.Dispose();
    }

    [Test]
    public void Reads_SeeEveryKindOfWrite()
    {
        var tree = WriteInEveryWay();
        Assert.That(_transaction.Main.Count, Is.EqualTo(100));
        Assert.That(_transaction.Main.Get("new"u8), Is.EqualTo("1"u8.ToArray()));
        Assert.That(_transaction.Main.Get(Sample.Key(5)), Is.Null);
        Assert.That(_transaction.Main.ContainsKey(Sample.Key(5)), Is.False);
        Assert.That(_transaction.Main.ContainsKey(Sample.Key(6)));
        Sample.AssertBytes(_transaction[tree].Get("large"u8), Sample.Bytes(2000, 1));
        Sample.AssertBytes(_transaction[tree].Get("early"u8), Sample.Bytes(300_000, 2));
        Assert.That(_transaction.GetTreeNames(), Is.EqualTo(new[] { "t" }));
        Assert.That(_transaction[tree].Count, Is.EqualTo(2));
        Assert.That(_transaction[tree].GetStatistics().OverflowPages, Is.GreaterThan(1000));
        Assert.That(_transaction.TreeExists(tree) && _transaction.TreeExists(Main));
        Assert.That(_transaction.TreeExists(_database.GetTree("u")), Is.False);
    }

    [Test]
    public void ReadCallback_SeesEveryKindOfWrite()
    {
        var tree = WriteInEveryWay();
        var result = _transaction.Read((Transaction: _transaction, Tree: tree), static (read, state) =>
        {
            var tree = state.Tree;
            Assert.That(read.TransactionId, Is.EqualTo(state.Transaction.TransactionId));
            Assert.That(read.Main.Count, Is.EqualTo(100));
            Assert.That(read.Main.Get("new"u8), Is.EqualTo("1"u8.ToArray()));
            Assert.That(read.Main.ContainsKey(Sample.Key(5)), Is.False);
            Sample.AssertBytes(read[tree].Get("large"u8), Sample.Bytes(2000, 1));
            Sample.AssertBytes(read[tree].Get("early"u8), Sample.Bytes(300_000, 2));
            Assert.That(read.GetTreeNames(), Is.EqualTo(new[] { "t" }));
            Assert.That(Sample.Copy(read.Main), Has.Count.EqualTo(100));
            return read[tree].GetStatistics().OverflowPages;
        });
        Assert.That(result, Is.GreaterThan(1000));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(20)]
    [TestCase(2000, TestName = "TryGet_OfAnOverflowValue")]
    [TestCase(300_000, TestName = "TryGet_OfAValueThatWasWrittenEarly")]
    public void TryGet_TellsAbsentAndTooSmallApart(int length)
    {
        var value = Sample.Bytes(length, 3);
        _transaction.Main.Put("k"u8, value);
        var buffer = new byte[length + 2];
        Array.Fill(buffer, (byte)7);

        Assert.That(_transaction.Main.TryGet("absent"u8, buffer, out var needed), Is.EqualTo(GetResult.NotFound));
        Assert.That(needed, Is.Zero);
        if (length > 0)
        {
            var result = _transaction.Main.TryGet("k"u8, buffer.AsSpan(0, length - 1), out needed);
            Assert.That((result, needed), Is.EqualTo((GetResult.DestinationTooSmall, length)));
        }

        Assert.That(buffer, Is.All.EqualTo((byte)7), "nothing was written so far");
        Assert.That(_transaction.Main.TryGet("k"u8, buffer.AsSpan(1), out needed), Is.EqualTo(GetResult.Found));
        Assert.That(needed, Is.EqualTo(length));
        Sample.AssertBytes(buffer.AsSpan(1, length).ToArray(), value);
        Assert.That((buffer[0], buffer[^1]), Is.EqualTo(((byte)7, (byte)7)));
    }

    [Test]
    public void Reads_IntoBuffers_AllocateNothing()
    {
        var tree = WriteInEveryWay();
        var buffer = new byte[300_000];
        var cursor = _transaction.Main.OpenCursor();
        long first = 0;
        for (var round = 0; round < 4; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            long sum = 0;
            for (var i = 0; i < 100; i++)
            {
                Span<byte> key = [0, 0, 0, (byte)i];
                _transaction.Main.TryGet(key, buffer, out var length);
                sum += length + (_transaction.Main.ContainsKey(key) ? 1 : 0) + _transaction[tree].Count;
            }

            _transaction[tree].TryGet("early"u8, buffer, out var early);
            sum += early + _transaction.Read(tree, static (read, tree) => read.Main.Count + read[tree].Count);
            for (var found = cursor.MoveToFirst(); found; found = cursor.MoveNext())
            {
                sum += cursor.TryCopyValue(buffer, out var length) ? length : throw new InvalidOperationException();
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            first = round == 0 ? sum : first;
            Assert.That((sum, round < 2 ? 0 : allocated), Is.EqualTo((first, 0L)));
        }
    }

    [Test]
    public void ValueThatWasRead_ThenAPutOnTheSameLeaf_ThenAnIndexByTheValue_IsRight([Values] bool isDirtyBefore)
    {
        var index = _transaction.CreateTree("index");
        if (isDirtyBefore)
        {
            _transaction.Main.Put(Sample.Key(1), Sample.Bytes(20, 1));
        }

        // The index by value, for every second entry that the loop changes on the way.
        var cursor = _transaction.Main.OpenCursor();
        Span<byte> value = stackalloc byte[20];
        for (var found = cursor.MoveToFirst(); found; found = cursor.MoveNext())
        {
            var key = cursor.Key;
            Assert.That(_transaction.Main.TryGet(key, value, out var length), Is.EqualTo(GetResult.Found));
            var old = _transaction.Main.Get(key);
            _transaction.Main.Put(key, Sample.Bytes(25, key[3]));
            _transaction[index].Put(value[..length], key);
            _transaction[index].Put([.. old!, 0], key);
        }

        for (var i = 0; i < 100; i++)
        {
            Assert.That(_transaction[index].Get(Sample.Bytes(20, i)), Is.EqualTo(Sample.Key(i)));
            Assert.That(_transaction[index].Get([.. Sample.Bytes(20, i), 0]), Is.EqualTo(Sample.Key(i)));
        }

        Assert.That(_transaction[index].Count, Is.EqualTo(200));
    }

    [TestCase("put")]
    [TestCase("add")]
    [TestCase("fill")]
    [TestCase("delete")]
    [TestCase("range")]
    [TestCase("from")]
    [TestCase("truncate")]
    [TestCase("create")]
    [TestCase("drop")]
    [TestCase("rename")]
    [TestCase("cursor put")]
    [TestCase("cursor set")]
    [TestCase("cursor delete")]
    [TestCase("begin load")]
    [TestCase("load")]
    [TestCase("spill")]
    [TestCase("nested read that writes")]
    [TestCase("commit")]
    [TestCase("commit async")]
    [TestCase("abort")]
    [TestCase("dispose")]
    [TestCase("close")]
    public void Write_InAReadCallback_IsRefusedAndChangesNothing(string what)
    {
        var tree = _transaction.CreateTree("t");
        var cursor = _transaction.Main.OpenCursor();
        cursor.MoveToFirst();
        using var loader = what == "load" ? _transaction[tree].BeginLoad() : null;
        var refusal = _transaction.Read(0, (read, _) =>
        {
            read.Main.TryGet(Sample.Key(1), out var value);
            var message = Assert.Throws<InvalidOperationException>(() => Write(what, tree, cursor, loader)).Message;
            Assert.That(value.SequenceEqual(Sample.Bytes(20, 1)));
            Assert.That(read.Main.Count, Is.EqualTo(100));
            return message;
        });
        Assert.That(refusal, Does.Contain("WriteTransaction.Read").And.Contain("callback"));

        // The transaction goes on as if nothing had been tried.
        _transaction.Main.Put("after"u8, default);
        loader?.Complete();
        _transaction.Commit();
        Assert.That(Sample.ReadAll(_database)[string.Empty], Has.Count.EqualTo(101));
        Assert.That(_database.GetStatistics().Main.Entries, Is.EqualTo(101));
    }

    [Test]
    public void Reads_InAReadCallback_AreFine()
    {
        var cursor = _transaction.Main.OpenCursor();
        var sum = _transaction.Read(_transaction, (read, transaction) =>
        {
            read.Main.TryGet(Sample.Key(7), out var value);
            var buffer = new byte[20];
            Assert.That(transaction[Main].TryGet(Sample.Key(8), buffer, out _), Is.EqualTo(GetResult.Found));
            Assert.That(transaction[Main].Get(Sample.Key(9)), Is.EqualTo(Sample.Bytes(20, 9)));
            Assert.That(transaction[Main].ContainsKey("absent"u8) || transaction.GetTreeNames().Any(), Is.False);
            Assert.That(cursor.Seek(Sample.Key(10)) && cursor.MoveNext() && cursor.MovePrevious() && cursor.IsValid);
            Assert.That(cursor.GetValue(), Is.EqualTo(Sample.Bytes(20, 10)));
            var inner = transaction.Read(1, static (read, one) => read.Main.Count + one);

            // The end of the inner callback is not that of the outer one.
            Assert.That(read.Main.TryGet(Sample.Key(7), out var again) && again.SequenceEqual(value));
            Assert.That(value.SequenceEqual(Sample.Bytes(20, 7)));
            Assert.Throws<InvalidOperationException>(() => transaction[Main].Put("a"u8, "b"u8));
            return inner;
        });
        Assert.That(sum, Is.EqualTo(101));
        _transaction.Main.Put("a"u8, "b"u8);
    }

    [Test]
    public void Disposing_WhatAReadCallbackIsGiven_DoesNothing()
    {
        _transaction.Read(0, static (read, _) =>
        {
#pragma warning disable ENGINE001 // What is the subject here.
            var copy = read;
            copy.Dispose();
            read.Dispose();
#pragma warning restore ENGINE001
            Assert.That(read.Main.Count, Is.EqualTo(100));
            return 0;
        });
        Assert.That(_transaction.Main.Count, Is.EqualTo(100));
    }

    [Test]
    public void ReadCallback_ThatThrows_LeavesTheTransactionAsItWas([Values] bool isNested)
    {
        ReadFunc<int, int> fails = static (_, _) => throw new NotSupportedException("by the test");
        Assert.Throws<NotSupportedException>(() =>
        {
            _ = isNested ? _transaction.Read(0, (_, _) => _transaction.Read(0, fails)) : _transaction.Read(0, fails);
        });
        _transaction.Main.Put("a"u8, "b"u8);
        Assert.That(_transaction.Read(0, static (read, _) => read.Main.Count), Is.EqualTo(101));
        _transaction.Commit();
    }

    [Test]
    public void AnotherThread_DuringAReadCallback_IsToldThatTheTransactionIsInUse()
    {
        _transaction.Read(0, (read, _) =>
        {
            foreach (var use in (string[])["get", "put", "names"])
            {
                var failure = Task.Run(
                    () => Assert.Throws<InvalidOperationException>(() => Write(use, Main, null!, null))).Result;
                Assert.That(failure?.Message, Does.Contain("another thread"));
            }

            return 0;
        });
    }

    [Test]
    public void Transaction_InAFillCallback_IsRefusedEveryUse([Values(10, 5000, 300_000)] int length)
    {
        var tree = _transaction.CreateTree("t");
        var cursor = _transaction.Main.OpenCursor();
        cursor.MoveToFirst();
        string[] uses =
        [
            "put", "fill", "delete", "create", "cursor set", "begin load", "commit", "abort", "dispose", "close",
            "get", "try get", "count", "names", "read", "cursor move"
        ];
        _transaction.Main.Put("k"u8, length, 0, (span, _) =>
        {
            foreach (var use in uses)
            {
                var failure = Assert.Throws<InvalidOperationException>(() => Write(use, tree, cursor, null), use);
                Assert.That(failure.Message, Does.Contain("fills a value"), use);
            }

            span.Fill(1);
        });
        Assert.That(_transaction.Main.Get("k"u8), Is.EqualTo(Enumerable.Repeat((byte)1, length)));
        _transaction.Commit();
        Assert.That(_database.Check().IsOk);
    }

    private Tree WriteInEveryWay()
    {
        _transaction.Main.Put("new"u8, "1"u8);
        _transaction.Main.Delete(Sample.Key(5));
        var tree = _transaction.CreateTree("t");
        _transaction[tree].Put("large"u8, Sample.Bytes(2000, 1));
        _transaction[tree].Put("early"u8, Sample.Bytes(300_000, 2));
        return tree;
    }

    private void Write(string what, Tree tree, WriteCursor cursor, BulkLoader? loader)
    {
        switch (what)
        {
            case "put": _transaction.Main.Put("a"u8, "b"u8); break;
            case "add": _transaction.Main.TryAdd("a"u8, "b"u8); break;
            case "fill": _transaction.Main.Put("a"u8, 1, 0, static (_, _) => { }); break;
            case "delete": _transaction.Main.Delete(Sample.Key(1)); break;
            case "range": _transaction.Main.DeleteRange(Sample.Key(1), Sample.Key(2)); break;
            case "from": _transaction.Main.DeleteFrom(Sample.Key(1)); break;
            case "truncate": _transaction.Main.Clear(); break;
            case "create": _transaction.CreateTree("u"); break;
            case "drop": _transaction.DropTree(tree); break;
            case "rename": _transaction.RenameTree(tree, "u"); break;
            case "cursor put": cursor.Put("a"u8, "b"u8); break;
            case "cursor set": cursor.SetValue("b"u8); break;
            case "cursor delete": cursor.Delete(); break;
            case "begin load": _transaction[tree].BeginLoad(); break;
            case "load": loader!.Add("a"u8, "b"u8); break;
            case "spill": _transaction.SpillAbove(0); break;
            case "nested read that writes":
                _transaction.Read(0, (_, _) => { _transaction.Main.Put("a"u8, "b"u8); return 0; });
                break;
            case "commit": _transaction.Commit(); break;
            case "commit async": _transaction.CommitAsync(CommitMode.Deferred).AsTask().GetAwaiter().GetResult(); break;
            case "abort": _transaction.Abort(); break;
            case "dispose": _transaction.Dispose(); break;
            case "close": _database.Dispose(); break;
            case "get": _transaction.Main.Get("a"u8); break;
            case "try get": _transaction.Main.TryGet("a"u8, default, out _); break;
            case "count": _ = _transaction.Main.Count; break;
            case "names": _transaction.GetTreeNames(); break;
            case "read": _transaction.Read(0, static (_, _) => 0); break;
            case "cursor move": cursor.MoveNext(); break;
            default: throw new ArgumentException(what);
        }
    }
}
