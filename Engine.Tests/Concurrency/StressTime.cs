using System.Globalization;

namespace Engine.Tests.Concurrency;

/// <summary>
/// How long the tests that provoke races run: seconds in every run, as long as one likes with an environment variable.
/// </summary>
internal static class StressTime
{
    /// <summary>Environment variable: so many times longer.</summary>
    private const string Variable = "ENGINE_STRESS";

    private static int Factor =>
        int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var factor)
            ? factor
            : 1;

    public static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds * Factor);

    public static int Rounds(int rounds) => rounds * Factor;
}
