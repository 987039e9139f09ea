using Engine.Tests.Infrastructure;
using Engine.Tests.Storage;

namespace Engine.Tests.Processes;

/// <summary>
/// A process that may have only so many addresses (as with <c>ulimit -v</c>, or on a machine with few of them).
/// </summary>
[Category(Categories.Process), NonParallelizable]
public class AddressLimitTests
{
    private const int MB = 1_000_000;

    private TempDirectory _directory = null!;
    private HelperProcess _helper = null!;

    [SetUp]
    public void StartHelper()
    {
        Machine.NeedLinux();
        _directory = new TempDirectory();
        _helper = HelperProcess.Start();
        _helper.Do($"db-open {_directory.DatabasePath}");
        _helper.Do("db-put 1000 10");
    }

    [TearDown]
    public void EndHelper()
    {
        // None of them where the test was skipped.
        _helper?.Dispose();
        _directory?.Dispose();
    }

    [Test]
    public void Growth_BesideAnOldReader_NeedsAFewTimesTheFile([Values] bool isOneTransaction)
    {
        _helper.Do("db-hold");
        _helper.Do($"limit-addresses {400 * MB}");

        for (var i = 0; i < 300; i += isOneTransaction ? 300 : 1)
        {
            _helper.Do($"db-fill {i} {(isOneTransaction ? 300 : i + 1)} 300000");
        }

        Assert.That(_helper.Do("db-count"), Is.EqualTo("301"));
        Assert.That(_helper.Do("db-held"), Is.EqualTo("1"));
        _helper.Do("db-close");
    }

    [Test]
    public void Growth_ThatFindsNoAddresses_IsAborted_AndWhatWasVisibleIsMadeDurableByFlushingOrClosing(
        [Values] bool flushes)
    {
        _helper.Do("db-put 2000 10 deferred");
        _helper.Do($"limit-addresses {60 * MB}");

        Assert.That(
            _helper.Ask("db-fill 0 300 300000"),
            Does.StartWith("!DatabaseException").And.Contain("could not be mapped"));
        if (flushes)
        {
            _helper.Do("db-flush");
            _helper.Kill();
        }
        else
        {
            _helper.Do("db-close");
        }

        using var again = Database.Open(_directory.DatabasePath);
        Assert.That(Sample.ReadAll(again)[string.Empty].Keys, Is.EqualTo(new[] { Sample.Key(1000), Sample.Key(2000) }));
        Assert.That(again.Check().IsOk);
    }

    [Test]
    public void Growth_ThatFoundNoAddresses_SucceedsInSmallerTransactions()
    {
        _helper.Do($"limit-addresses {100 * MB}");
        Assert.That(_helper.Ask("db-fill 0 300 300000"), Does.StartWith("!DatabaseException"));

        for (var i = 0; i < 10; i++)
        {
            _helper.Do($"db-fill {i} {i + 1} 300000");
        }

        Assert.That(_helper.Do("db-count"), Is.EqualTo("11"));
        _helper.Do("db-check");
        _helper.Do("db-close");
    }
}
