using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using Engine.Tests.Infrastructure;
using Engine.Tests.Transactions;

namespace Engine.Tests.Observability;

/// <summary>The event source tells what seldom happens, and has counters of the process.</summary>
[NonParallelizable]
public class EventSourceTests
{
    private Listener _listener = null!;

    [SetUp]
    public void Listen() => _listener = new Listener();

    [TearDown]
    public void Close() => _listener.Dispose();

    [Test]
    public void Events_TellOfOpeningAndClosing()
    {
        using var directory = new TempDirectory();
        ulong id;
        using (var database = Database.Open(directory.DatabasePath, new DatabaseOptions { Name = "events 1" }))
        {
            id = database.GetStatistics().TransactionId;
        }

        var opened = _listener.Single("Opened", "events 1");
        Assert.That(opened["path"], Is.EqualTo(directory.DatabasePath));
        Assert.That(opened["transaction"], Is.EqualTo((long)id));
        Assert.That(opened["milliseconds"], Is.InRange(0.0, 60_000.0));
        _listener.Single("Closed", "events 1");
    }

    [Test]
    public void Events_TellOfASlowCommit_AndNotOfOthers()
    {
        using var slow = Database.OpenInMemory(
            new DatabaseOptions { Name = "events 2", SlowCommit = TimeSpan.FromTicks(1) });
        using var quick = Database.OpenInMemory(
            new DatabaseOptions { Name = "events 3", SlowCommit = Timeout.InfiniteTimeSpan });
        Sample.Put(slow, "a"u8, "1"u8);
        Sample.Put(quick, "a"u8, "1"u8);

        var told = _listener.Single("CommitSlow", "events 2");
        Assert.That(told["mode"], Is.EqualTo("durable"));
        Assert.That(told["transaction"], Is.EqualTo((long)slow.GetStatistics().TransactionId));
        Assert.That(told["milliseconds"], Is.GreaterThan(0.0));
        Assert.That(_listener.Of("CommitSlow", "events 3"), Is.Empty);
    }

    [Test]
    public void Events_TellOfPoison_Once()
    {
        var storage = new FaultStorage();
        var database = Database.Open(
            storage, new DatabaseOptions { Name = "events 4", FlushInterval = Timeout.InfiniteTimeSpan });
        storage.BeforeFlush = static () => throw FaultStorage.Full;
        var thrown = Assert.Throws<DatabasePoisonedException>(() => Sample.Put(database, "a"u8, "1"u8));
        Assert.Throws<DatabasePoisonedException>(() => Sample.Put(database, "a"u8, "1"u8));
        database.Dispose();

        Assert.That(_listener.Single("Poisoned", "events 4")["reason"], Is.EqualTo(thrown!.Message));
    }

    [Test]
    public void Events_TellOfAMetaThatWasRejected()
    {
        using var directory = new TempDirectory();
        using (var made = Database.Open(directory.DatabasePath))
        {
            Sample.Put(made, "a"u8, "1"u8);
        }

        StateTests.Tear(directory.DatabasePath);
        using var database = Database.Open(directory.DatabasePath, new DatabaseOptions { Name = "events 5" });

        Assert.That(
            _listener.Single("MetaRejected", "events 5")["report"], Is.EqualTo(database.Recovery!.ToString()));
    }

    [Test]
    public void Events_WhenTheFileGrowsBesideAReader_NameTheReader()
    {
        using var database = Database.OpenInMemory(new DatabaseOptions { Name = "events 6" });
        Sample.Fill(database, 0, 2000);
        using var snapshot = database.OpenSnapshot();
        snapshot.Tag = "nightly report";
        for (var i = 0; i < 5; i++)
        {
            Sample.Fill(database, 0, 2000, valueLength: 100 + i);
        }

        Assert.That(() => _listener.Of("SpaceHeld", "events 6"), Is.Not.Empty.After(10_000, 10));
        var told = _listener.Of("SpaceHeld", "events 6")[0];
        Assert.That(told["holder"], Is.EqualTo("nightly report"));
        Assert.That(told["heldPages"], Is.GreaterThan(10L));
        Assert.That(told["pendingPages"], Is.GreaterThanOrEqualTo(told["heldPages"]));
    }

    [Test]
    public void Counters_AreOfTheProcess()
    {
        using var database = Database.OpenInMemory(new DatabaseOptions { Name = "events 7" });
        Sample.Fill(database, 0, 2000);
        using var snapshot = database.OpenSnapshot();
        Sample.Fill(database, 0, 2000, valueLength: 30);
        _listener.EnableCounters();

        using var stop = new CancellationTokenSource();
        var writer = Task.Run(
            () =>
            {
                for (byte i = 0; !stop.IsCancellationRequested; i++)
                {
                    Sample.Put(database, "a"u8, [i]);
                    Thread.Sleep(1);
                }
            });
        try
        {
            foreach (var (name, least) in (ReadOnlySpan<(string, double)>)[
                ("commits", 1), ("flushes", 1), ("pages-written", 1), ("bytes-written", 4096), ("open-databases", 1),
                ("file-size", 16384), ("pending-pages", 10), ("pins", 1), ("reusable-pages", 0),
                ("oldest-pin-time", 0.001)])
            {
                Assert.That(
                    () => _listener.Counters.GetValueOrDefault(name),
                    Is.GreaterThanOrEqualTo(least).After(20_000, 20),
                    name);
            }

            Assert.That(_listener.Counters, Has.Count.EqualTo(10));
        }
        finally
        {
            stop.Cancel();
            writer.Wait();
        }
    }

    private sealed class Listener : EventListener
    {
        // Created before the base class calls back.
        private readonly ConcurrentQueue<(string Name, Dictionary<string, object?> Payload)> _events = new();
        private EventSource? _source;

        public ConcurrentDictionary<string, double> Counters { get; } = new();

        public IReadOnlyList<Dictionary<string, object?>> Of(string name, string database) =>
        [
            .. _events.Where(it => it.Name == name && (string?)it.Payload["database"] == database)
                .Select(static it => it.Payload),
        ];

        public Dictionary<string, object?> Single(string name, string database) => Of(name, database).Single();

        public void EnableCounters() => EnableEvents(
            _source!,
            EventLevel.LogAlways,
            EventKeywords.None,
            new Dictionary<string, string?> { ["EventCounterIntervalSec"] = "0.2" });

        protected override void OnEventSourceCreated(EventSource source)
        {
            // Not that of another engine, which a test has loaded in a context of its own.
            if (source.Name == "Engine" && source.GetType().Assembly == typeof(Database).Assembly)
            {
                _source = source;
                EnableEvents(source, EventLevel.Informational);
            }
        }

        protected override void OnEventWritten(EventWrittenEventArgs data)
        {
            if (data.EventName == "EventCounters")
            {
                var counter = (IDictionary<string, object?>)data.Payload![0]!;
                var value = counter.TryGetValue("Increment", out var increment) ? increment : counter["Mean"];
                var name = (string)counter["Name"]!;
                Counters.AddOrUpdate(name, (double)value!, (_, former) => Math.Max(former, (double)value!));
                return;
            }

            var payload = data.PayloadNames!.Zip(data.Payload!)
                .ToDictionary(static it => it.First, static it => it.Second);
            _events.Enqueue((data.EventName!, payload));
        }
    }
}
