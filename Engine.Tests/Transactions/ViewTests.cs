using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>Views of a write transaction: they see its writes, and go stale with the next one.</summary>
public class ViewTests
{
    private Database _database = null!;
    private WriteTransaction _transaction = null!;

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
    public void View_SeesEveryKindOfWrite()
    {
        _transaction.Put(_database.Main, "new"u8, "1"u8);
        _transaction.Delete(_database.Main, Sample.Key(5));
        var tree = _transaction.CreateTree("t");
        _transaction.Put(tree, "large"u8, Sample.Bytes(2000, 1));
        _transaction.Put(tree, "early"u8, Sample.Bytes(300_000, 2));

        using var view = _transaction.View();
        Assert.That(view.TransactionId, Is.EqualTo(_transaction.TransactionId));
        Assert.That(view.Count, Is.EqualTo(100));
        Assert.That(view.Get("new"u8), Is.EqualTo("1"u8.ToArray()));
        Assert.That(view.ContainsKey(Sample.Key(5)), Is.False);
        Sample.AssertBytes(view[tree].Get("large"u8), Sample.Bytes(2000, 1));
        Sample.AssertBytes(view[tree].Get("early"u8), Sample.Bytes(300_000, 2));
        Assert.That(view.GetTreeNames(), Is.EqualTo(new[] { "t" }));
        Assert.That(Sample.Copy(view.Main), Has.Count.EqualTo(100));
        Assert.That(view[tree].Statistics.OverflowPages, Is.GreaterThan(1000));
    }

    [TestCase("put")]
    [TestCase("delete")]
    [TestCase("range")]
    [TestCase("truncate")]
    [TestCase("create")]
    [TestCase("cursor")]
    [TestCase("commit")]
    [TestCase("abort")]
    public void View_AfterAChangeOrTheEnd_IsStaleWithAllThatCameFromIt(string change)
    {
        var view = _transaction.View();
        var reader = view.Main;
        var cursor = reader.Cursor();
        cursor.MoveToFirst();
        var walk = view.All().GetEnumerator();
        walk.MoveNext();
        switch (change)
        {
            case "put": _transaction.Put(_database.Main, "a"u8, "b"u8); break;
            case "delete": _transaction.Delete(_database.Main, Sample.Key(1)); break;
            case "range": _transaction.DeleteRange(_database.Main, Sample.Key(1), Sample.Key(2)); break;
            case "truncate": _transaction.Truncate(_database.Main); break;
            case "create": _transaction.CreateTree("t"); break;
            case "cursor": _transaction.OpenCursor(_database.Main).Put("a"u8, "b"u8); break;
            case "commit": _transaction.Commit(); break;
            default: _transaction.Abort(); break;
        }

        var failures = 0;
        try { _ = view.Count; } catch (InvalidOperationException) { failures++; }
        try { view.Get("a"u8); } catch (InvalidOperationException) { failures++; }
        try { reader.ContainsKey("a"u8); } catch (InvalidOperationException) { failures++; }
        try { cursor.MoveNext(); } catch (InvalidOperationException) { failures++; }
        try { _ = cursor.Key; } catch (InvalidOperationException) { failures++; }
        try { walk.MoveNext(); } catch (InvalidOperationException) { failures++; }
        try { _ = walk.Current; } catch (InvalidOperationException e) { failures += e.Message.Contains("View", StringComparison.Ordinal) ? 1 : 0; }
        Assert.That(failures, Is.EqualTo(7));
    }

    [Test]
    public void View_AfterWhatChangedNothing_IsGood()
    {
        var view = _transaction.View();
        _transaction.Delete(_database.Main, "absent"u8);
        _transaction.TryAdd(_database.Main, Sample.Key(1), "x"u8);
        _transaction.DeleteRange(_database.Main, "x"u8, "a"u8);
        _transaction.Get(_database.Main, Sample.Key(1));
        view.Dispose();
        view.Dispose();
        Assert.That(view.Count, Is.EqualTo(100), "a view ends with its transaction, not before");
    }

    [Test]
    public void Views_OfTwoTransactions_DoNotMeet()
    {
        var old = _transaction.View();
        _transaction.Dispose();
        using var next = _database.BeginWrite();
        using var view = next.View();
        Assert.That(view.Count, Is.EqualTo(100));
        var isStale = false;
        try { _ = old.Count; } catch (InvalidOperationException) { isStale = true; }
        Assert.That(isStale);
    }

    [Test]
    public void SpansOfAView_StayReadableUntilTheTransactionEnds()
    {
        var view = _transaction.View();
        var lengths = 0;
        foreach (var (key, value) in view.All())
        {
            lengths += key.Length + value.Length;
            if (key[3] == 50)
            {
                // Ends the walk, and must not take away what the spans point into.
                _transaction.Truncate(_database.Main);
                _transaction.Put(_database.Main, "early"u8, Sample.Bytes(3_000_000, 1));
                Assert.That(key.SequenceEqual(Sample.Key(50)) && value.SequenceEqual(Sample.Bytes(20, 50)));
                break;
            }
        }

        Assert.That(lengths, Is.EqualTo(51 * 24));
    }
}
