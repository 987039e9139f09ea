using System.Text.Json;
using Engine.Integrity;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Integrity;

/// <summary>Checks with one thread and with several: the reports must be the same.</summary>
internal static class AnyDegree
{
    public const int Several = 3;

    public static IntegrityReport Check(byte[] file) =>
        Check(degree => IntegrityCheck.Run(
            new MemoryPageReader(file), new IntegrityCheckOptions { MaxDegreeOfParallelism = degree }));

    /// <summary>Runs a check with one thread, then with several.</summary>
    /// <returns>The report of one thread.</returns>
    public static IntegrityReport Check(Func<int, IntegrityReport> check)
    {
        var alone = check(1);
        var together = check(Several);
        Assert.That(Text(together), Is.EqualTo(Text(alone)));
        return alone;
    }

    /// <summary>Everything that a report says.</summary>
    public static string Text(IntegrityReport report) => JsonSerializer.Serialize(report);
}
