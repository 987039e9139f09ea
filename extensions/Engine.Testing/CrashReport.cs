namespace Engine.Testing;

/// <summary>
/// What a sweep that found nothing has tried: worth printing, so that a test that tries little is noticed.
/// </summary>
/// <param name="Runs">How often the program was run.</param>
/// <param name="Moments">At how many moments of these runs it was crashed.</param>
/// <param name="States">How many different states of the disk were opened and checked.</param>
/// <param name="FailedCalls">How many storage calls were let fail.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record CrashReport(int Runs, int Moments, int States, int FailedCalls, TimeSpan Elapsed)
{
    /// <summary>One line for the output of a test.</summary>
    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{Runs} runs, {Moments} moments, {States} states, {FailedCalls} failed calls, {Elapsed.TotalSeconds:F1} s");
}
