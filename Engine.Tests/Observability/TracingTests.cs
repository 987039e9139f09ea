using System.Collections.Concurrent;
using System.Diagnostics;
using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Observability;

/// <summary>
/// Commits and flushes are spans when somebody listens, and each commit names the flush that served it.
/// </summary>
[NonParallelizable]
public class TracingTests
{
    private readonly ConcurrentQueue<Activity> _spans = new();
    private ActivityListener _listener = null!;
    private CountingStorage _storage = null!;
    private Database _database = null!;

    private IEnumerable<Activity> Commits => _spans.Where(static span => span.OperationName == "engine.commit");

    private IEnumerable<Activity> Flushes => _spans.Where(static span => span.OperationName == "engine.flush");

    [SetUp]
    public void Listen()
    {
        _spans.Clear();
        _storage = new CountingStorage(new MemoryStorage());
        _database = Database.Open(
            _storage, new DatabaseOptions { Name = "traced", FlushInterval = Timeout.InfiniteTimeSpan });
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name is "Engine" or "Test",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if ((string?)span.GetTagItem("db.namespace") == "traced")
                {
                    _spans.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    [TearDown]
    public void Close()
    {
        _listener.Dispose();
        try
        {
            _database.Dispose();
        }
        catch (DatabaseException)
        {
            // Poisoned by the test.
        }

        _storage.Dispose();
    }

    [Test]
    public void Commit_IsASpanOfItsCallersActivity_AndLinksToItsFlush()
    {
        _storage.BeforeFlush = static () => Thread.Sleep(30);
        using var request = new Activity("request").Start();
        ulong id;
        using (var transaction = _database.BeginWrite())
        {
            transaction.Main.Put("a"u8, "1"u8);
            id = transaction.Commit();
        }

        _storage.BeforeFlush = null;
        Assert.That(Activity.Current, Is.SameAs(request));
        var commit = Commits.Single();
        var flush = Flushes.Single();
        Assert.That(commit.ParentSpanId, Is.EqualTo(request.SpanId));
        Assert.That(flush.ParentSpanId, Is.EqualTo(request.SpanId));
        Assert.That(commit.Links.Single().Context, Is.EqualTo(flush.Context));
        Assert.That(commit.GetTagItem("engine.commit.mode"), Is.EqualTo("durable"));
        Assert.That(commit.GetTagItem("engine.transaction.id"), Is.EqualTo((long)id));
        Assert.That(commit.Status, Is.EqualTo(ActivityStatusCode.Unset));
        Assert.That(flush.Duration, Is.GreaterThan(TimeSpan.FromMilliseconds(29)));
        Assert.That(commit.Duration, Is.GreaterThanOrEqualTo(flush.Duration - TimeSpan.FromMilliseconds(20)));
    }

    [Test]
    public async Task Commits_ThatShareAFlush_LinkToTheSameOne_AndKeepTheirOwnCallers()
    {
        using (new Activity("request").Start())
        {
            await InstrumentTests.CommitThreeOfWhichTwoShare(_database, _storage);
        }

        Assert.That(Commits.Count(), Is.EqualTo(3));
        var flushes = Commits.Select(static span => span.Links.Single().Context.SpanId).ToList();
        Assert.That(flushes.Distinct().Count(), Is.EqualTo(2));
        Assert.That(flushes.Distinct(), Is.SubsetOf(Flushes.Select(static span => span.SpanId)));
    }

    [Test]
    public async Task CommitOfACallback_BelongsToTheActivityOfWhoAskedForIt()
    {
        using var request = new Activity("request").Start();

        await _database.WriteAsync(static transaction => transaction.Main.TryAdd("a"u8, "1"u8));

        Assert.That(Commits.Single().ParentSpanId, Is.EqualTo(request.SpanId));
    }

    [Test]
    public void DeferredCommit_HasNoLink()
    {
        Sample.Put(_database, "a"u8, "1"u8, CommitMode.Deferred);

        Assert.That(Commits.Single().Links, Is.Empty);
        Assert.That(Commits.Single().GetTagItem("engine.commit.mode"), Is.EqualTo("deferred"));
        Assert.That(Commits.Single().ParentId, Is.Null);
        Assert.That(Flushes, Is.Empty);
    }

    [Test]
    public void Failure_IsTheStatusOfBothSpans()
    {
        _storage.BeforeFlush = static () => throw new StorageWriteException("simulated", isFull: false);
        Assert.Throws<DatabasePoisonedException>(() => Sample.Put(_database, "a"u8, "1"u8));
        _storage.BeforeFlush = null;

        Assert.That(Commits.Single().Status, Is.EqualTo(ActivityStatusCode.Error));
        Assert.That(Commits.Single().GetTagItem("error.type"), Is.EqualTo(typeof(DatabasePoisonedException).FullName));
        Assert.That(Flushes.Single().Status, Is.EqualTo(ActivityStatusCode.Error));
    }
}
