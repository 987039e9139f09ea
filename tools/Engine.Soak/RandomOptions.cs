using Engine.PropertyTests.Campaign;

namespace Engine.Soak;

/// <summary>What a random campaign was asked for.</summary>
/// <param name="Profile">Null: a mixture of all.</param>
/// <param name="Seed">The campaign's number.</param>
/// <param name="Cores">How many programs run at once.</param>
/// <param name="Time">When it ends.</param>
/// <param name="States">It also ends after so many states; 0: not.</param>
/// <param name="Out">Where fixtures go.</param>
/// <param name="ShrinkTime">How long a failure is made smaller.</param>
/// <param name="Interval">How often totals are printed.</param>
internal sealed record RandomOptions(
    Profile? Profile,
    ulong Seed,
    int Cores,
    TimeSpan Time,
    long States,
    string Out,
    TimeSpan ShrinkTime,
    TimeSpan Interval);
