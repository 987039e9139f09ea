using Engine.Extensions.Hosting.Tests.Infrastructure;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Engine.Extensions.Hosting.Tests;

/// <summary>What the watch over a database takes for too much, and what it logs of that.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WatchTests : IDisposable
{
    private readonly FakeDatabase _database = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger _log = new();
    private readonly EngineHealthOptions _options = new()
    {
        MinFreeDiskBytes = 1000,
        MaxReaderTableUse = 0.5,
        MaxPinnedPages = 10,
        SampleInterval = TimeSpan.FromSeconds(10),
    };

    private readonly DatabaseWatch _watch;

    public WatchTests()
    {
        _database.FreeDisk = static () => 5000;
        _watch = new DatabaseWatch(_database, _options, _log, _time);
    }

    public void Dispose()
    {
        _watch.Dispose();
        _log.Dispose();
    }

    [Test]
    public void Database_WithoutAProblem_IsHealthyAndTellsItsNumbers()
    {
        _database.AddReader(1, pages: 3, tag: "report");
        Sample();

        var result = Check(HealthStatus.Healthy);
        Assert.That(result.Data["freeDiskBytes"], Is.EqualTo(5000));
        Assert.That(result.Data["readers"], Is.EqualTo(1));
        Assert.That(result.Data["maxReaders"], Is.EqualTo(Database.MaxReaders));
        Assert.That(result.Data["largestHolder"], Does.Contain("'report'"));
        Assert.That(result.Data["largestHolderPages"], Is.EqualTo(3));
    }

    [Test]
    public void Disk_ThatIsNearlyFull_IsDegradedUntilThereIsRoom()
    {
        _database.FreeDisk = static () => 999;
        Check(HealthStatus.Healthy);
        Sample();
        Assert.That(Check(HealthStatus.Degraded).Description, Does.Contain("999 bytes free"));
        Sample();

        _database.FreeDisk = static () => 1000;
        Sample();

        Check(HealthStatus.Healthy);
        AssertLogged(HealthProblemKind.DiskSpace, "999 bytes free");
    }

    [Test]
    public void Disk_ThatSaysNothing_IsDegradedAndSaysWhy()
    {
        _database.FreeDisk = static () => throw new IOException("the disk is gone");
        Sample();
        Assert.That(Check(HealthStatus.Degraded).Description, Does.Contain("the disk is gone"));
        _database.FreeDisk = static () => 1000;
        Sample();
        AssertLogged(HealthProblemKind.DiskUnknown, "the disk is gone");
    }

    [Test]
    public void Look_ThatFails_IsLogged_AndTriedAgain()
    {
        _database.FreeDisk = static () => throw new InvalidOperationException("a mistake");
        Sample();
        var entry = _log.Single("LookFailed");
        Assert.That((entry.Level, entry.Exception!.Message), Is.EqualTo((LogLevel.Warning, "a mistake")));

        _database.FreeDisk = static () => 1;
        Sample();
        Check(HealthStatus.Degraded);
    }

    [Test]
    public void Disk_OfNoConcern_IsNotAsked()
    {
        _options.MinFreeDiskBytes = 0;
        _database.FreeDisk = static () => throw new InvalidOperationException("asked");
        Sample();
        Check(HealthStatus.Healthy);
    }

    [Test]
    public async Task Disk_ThatDoesNotAnswer_IsDegraded_AndTheCheckDoesNotWaitForIt()
    {
        using var answer = new ManualResetEventSlim();
        var asked = new TaskCompletionSource();
        _database.FreeDisk = () =>
        {
            asked.TrySetResult();
            answer.Wait();
            return 5000;
        };
        var sampling = Task.Run(Sample);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));

        _time.Advance(TimeSpan.FromSeconds(35));
        Assert.That(Check(HealthStatus.Degraded).Description, Does.Contain("does not answer"));

        answer.Set();
        await sampling;
        Sample();
        Check(HealthStatus.Healthy);
    }

    [Test]
    public void ReaderTable_ThatIsNearlyFull_IsDegraded()
    {
        for (var i = 0; i <= Database.MaxReaders / 2; i++)
        {
            _database.AddReader(process: i, pages: 0);
        }

        Sample();

        Assert.That(
            Check(HealthStatus.Degraded).Description,
            Does.Contain($"{(Database.MaxReaders / 2) + 1} of {Database.MaxReaders} read transactions"));
        _database.Readers.RemoveAt(0);
        Sample();
        AssertLogged(HealthProblemKind.ReaderTable, $"{Database.MaxReaders}");
    }

    [Test]
    public void Reader_ThatKeepsTooManyPages_IsDegraded_AndNamed()
    {
        _database.AddReader(1, pages: 10, tag: "small");
        _database.AddReader(1, pages: 11, tag: "large");
        Sample();

        Assert.That(Check(HealthStatus.Degraded).Description, Does.Contain("'large'").And.Contain("11 pages"));
        _database.Readers.RemoveAt(1);
        Sample();
        AssertLogged(HealthProblemKind.PinnedPages, "'large'");
    }

    [Test]
    public void SeveralProblems_AreAllTold()
    {
        _database.FreeDisk = static () => 1;
        _database.AddReader(1, pages: 100);
        Sample();
        Assert.That(Check(HealthStatus.Degraded).Description, Does.Contain("bytes free").And.Contain("100 pages"));
    }

    [Test]
    public void Database_ThatIsPoisoned_HasTheFailureThatTheCheckWasRegisteredWith(
        [Values(HealthStatus.Unhealthy, HealthStatus.Degraded)] HealthStatus failure)
    {
        var exception = new DatabasePoisonedException("the flush failed");
        _database.State = DatabaseState.Poisoned;
        _watch.Poisoned(exception);

        var result = _watch.Check(failure);

        Assert.That(result.Status, Is.EqualTo(failure));
        Assert.That(result.Exception, Is.SameAs(exception));
        Assert.That(_log.Single("Poisoned").Level, Is.EqualTo(LogLevel.Critical));
    }

    [Test]
    public void Database_ThatIsClosed_IsUnhealthy()
    {
        _database.State = DatabaseState.Closed;
        Check(HealthStatus.Unhealthy);
    }

    [Test]
    public void Readers_OfDeadProcesses_AreToldWhenTheyAreSwept()
    {
        _database.AddReader(1, pages: 0);
        _database.AddReader(77, pages: 0, isAlive: false);
        _database.AddReader(77, pages: 0, isAlive: false);
        Sample();
        Assert.That(_log.EventNames, Does.Not.Contain("Swept"));

        _database.Readers.RemoveRange(1, 2);
        Sample();
        Sample();

        Assert.That(_log.Single("Swept").Message, Does.Contain("Swept 2 readers"));
    }

    private void Sample() => _time.Advance(_options.SampleInterval);

    private HealthCheckResult Check(HealthStatus expected)
    {
        var result = _watch.Check(HealthStatus.Unhealthy);
        Assert.That(result.Status, Is.EqualTo(expected), result.Description);
        return result;
    }

    /// <summary>Once when it begins, once when it ends, however often it is sampled.</summary>
    private void AssertLogged(HealthProblemKind kind, string details)
    {
        var begin = _log.Single("Degraded");
        Assert.That(begin.Level, Is.EqualTo(LogLevel.Warning));
        Assert.That(begin.Message, Does.Contain($"({kind})").And.Contain(details));
        Assert.That(_log.Single("Restored").Message, Does.Contain($"({kind})"));
    }
}
