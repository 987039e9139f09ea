using System.Globalization;
using Engine.Tests.Concurrency;
using Engine.Tests.Infrastructure;
using Engine.Tests.Storage;

namespace Engine.Tests.Processes;

/// <summary>The kernel itself reports errors: calls on the database file fail now and then.</summary>
[Category(Categories.Process), NonParallelizable]
public class FaultInjectionTests
{
    /// <summary>What the system does not write gathered is written page by page, and those writes may fail.</summary>
    private const string NoGathering = "pwritev:error=EIO:when=1+1 ";

    private static readonly Random Random = new();

    // Whether a meta is among the writes that fail, and poisons, depends on where the counting begins.
    [TestCase(NoGathering + "pwrite64:error=EIO:when=5+13", "aborted", "poisoned refused")]
    [TestCase(NoGathering + "pwrite64:error=ENOSPC:when=5+13", "full", "poisoned refused")]
    [TestCase(NoGathering + "pwrite64:error=EDQUOT:when=5+13", "full", "poisoned refused")]
    [TestCase(NoGathering + "pwrite64:error=EIO:when=30..60", "aborted/poisoned", "refused")]
    [TestCase(NoGathering + "pwrite64:error=EINTR:when=2+3", "", "")]
    [TestCase("pwritev:error=EIO:when=2+3", "", "")]
    [TestCase("pwritev:error=ENOSPC:when=2+3", "", "")]
    [TestCase("fdatasync:error=EIO:when=3+5", "poisoned", "refused")]
    [TestCase("fdatasync:error=ENOSPC:when=3+5", "poisoned", "refused")]
    [TestCase("fdatasync:error=EIO:when=9..12", "poisoned refused", "")]
    [TestCase("fdatasync:error=EINTR:when=2+3", "", "")]
    [TestCase("ftruncate:error=EIO:when=1+2", "aborted", "refused")]
    [TestCase("ftruncate:error=EFBIG:when=2..14", "full", "refused")]
    [TestCase("ftruncate:error=EFBIG:when=1+2", "", "full refused")]
    [TestCase("mmap:error=ENOMEM:when=3..8", "aborted", "refused")]
    [TestCase("mmap:error=ENOMEM:when=2+3", "", "aborted refused")]
    [TestCase("mmap:error=ENOMEM:when=1..3", "refused", "aborted")]
    [TestCase(
        NoGathering + "pwrite64:error=EIO:when=5+19 fdatasync:error=EIO:when=3+4 mmap:error=ENOMEM:when=2+5 "
        + "ftruncate:error=ENOSPC:when=2+5",
        "aborted poisoned",
        "full refused")]
    public void Calls_ThatFailNowAndThen_CostWhatTheyMustAndNothingAcknowledged(
        string injections, string must, string may)
    {
        Machine.Need("strace", "-o", "/dev/null", "--inject=fdatasync:error=EIO:when=1..2", "true");
        using var directory = new TempDirectory();
        var path = directory.DatabasePath;
        Database.Open(path).Dispose();
        var options = injections.Split(' ').Select(injection => "--inject=" + Vary(injection)).ToArray();
        TestContext.Out.WriteLine(string.Join(' ', options));
        using var helper = HelperProcess.Start(
            [
                "strace", "-f", "-qq", "-o", directory.File("trace"),
                "--trace=pwrite64,pwritev,fdatasync,ftruncate,mmap", "-P", path, .. options
            ]);
        var counts =
            helper.Do(string.Create(CultureInfo.InvariantCulture, $"db-survive {path} {StressTime.Rounds(60)}"));
        helper.End();

        TestContext.Out.WriteLine(counts);
        Assert.That(File.ReadAllText(directory.File("trace")), Does.Contain("(INJECTED)"));
        var words = counts.Split(' ');
        var outcomes = new Dictionary<string, int>();
        for (var i = 2; i < words.Length; i += 2)
        {
            outcomes[words[i]] = int.Parse(words[i + 1], CultureInfo.InvariantCulture);
        }

        // strace counts the calls of each thread, so which call fails depends on which thread wrote what.
        foreach (var alternatives in must.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.That(alternatives.Split('/').Sum(outcome => outcomes[outcome]), Is.Positive, alternatives);
        }

        foreach (var (outcome, count) in outcomes)
        {
            Assert.That(
                count == 0 || (must + may).Contains(outcome, StringComparison.Ordinal), $"{count} were {outcome}");
        }

        using var database = Database.Open(path);
        using var read = database.BeginRead();
        Assert.That(
            Batch.Verify(database, read), Is.GreaterThanOrEqualTo(int.Parse(words[1], CultureInfo.InvariantCulture)));
        Assert.That(database.Check().IsOk);
    }

    /// <summary>Each run starts elsewhere: every n-th call fails, from the first few on.</summary>
    private static string Vary(string injection)
    {
        const string When = "when=";
        var at = injection.IndexOf(When, StringComparison.Ordinal) + When.Length;
        if (injection[at..].Split('+') is not [var first, var step])
        {
            return injection;
        }

        // Small numbers (the few changes of length and of the map) stay where something happens.
        var number = int.Parse(first, CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{injection[..at]}{number + Random.Next(number)}+{step}");
    }
}
