using System.Diagnostics;

namespace Engine.Tests.Infrastructure;

/// <summary>
/// How long tests wait for what must happen. Only a failing test ever waits so long, so it is far more than a machine
/// that stalls for a while needs.
/// </summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Waits until something is so. Fails if it does not come true.</summary>
    public static void Until(Func<bool> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.That(watch.Elapsed, Is.LessThan(Limit), $"waited in vain: {what}");
            Thread.Sleep(1);
        }
    }
}
