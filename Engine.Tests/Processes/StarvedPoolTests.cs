using Engine.Tests.Infrastructure;
using Engine.Tests.Storage;

namespace Engine.Tests.Processes;

/// <summary>Writers must not need a thread of the pool while all of them wait for writers.</summary>
[Category(Categories.Process), NonParallelizable]
public class StarvedPoolTests
{
    [TestCase("commit", 0)]
    [TestCase("flow", 1)]
    [TestCase("cancelled", 1)]
    [TestCase("blocking", 300)]
    [TestCase("mixed", 300)]
    [TestCase("deferred", 300)]
    [TestCase("calls", 300)]
    public void Writers_InAProcessWhosePoolIsExhausted_AllGetTheirTurn(string what, int entries)
    {
        using var directory = new TempDirectory();
        using var helper = HelperProcess.Start();
        helper.Do($"db-open {directory.DatabasePath}");
        Assert.That(helper.Do($"db-starve {what}"), Is.EqualTo("ok"));
        helper.Do("db-check");
        helper.Do("db-close");
        using var database = Database.Open(directory.DatabasePath);
        Assert.That(database.GetStatistics().Main.Entries, Is.EqualTo((ulong)Math.Max(entries, 1)));
    }
}
