namespace Engine.PropertyTests.Sabotage;

/// <summary>
/// Runs the tiers against the engine that these tests are bound to. Called in the context of the sabotaged engine, from outside of it: so it takes and gives
/// nothing but types of the framework.
/// </summary>
internal static class Trial
{
    /// <summary>The tiers, cheapest first.</summary>
    public static IReadOnlyList<ITier> Tiers { get; } =
    [
        new ScenarioTier(),
        new RuleTier(),
        new FailingCallTier(),
        new SweepTier(),
        new DamageTier(),
        new RandomTier(),
    ];

    /// <inheritdoc cref="SabotagedEngine.Run"/>
    public static (string Tier, long States, string Message)? Run(int number, string? only)
    {
        Switch("Active", number);
        foreach (var tier in Tiers)
        {
            if (only is not null && tier.Name != only)
            {
                continue;
            }

            var count = new StateCount();
            UseRarePaths(false);
            KeepCache(false);
            try
            {
                tier.Run(count);
            }
            catch (Exception e)
            {
                return (tier.Name, count.Value, Environment.GetEnvironmentVariable("ENGINE_TRACE") is null ? e.Message : e.ToString());
            }
        }

        return null;
    }

    /// <summary>Whether sizes are small that decide when rare things happen.</summary>
    public static void UseRarePaths(bool isOn) => Switch("RarePaths", isOn);

    /// <summary>Whether the platform has no way to drop the cache of a file.</summary>
    public static void KeepCache(bool isOn) => Switch("KeepsCache", isOn);

    private static void Switch(string name, object value) => typeof(Database).Assembly.GetType("Engine.Sabotage")!.GetField(name)!.SetValue(null, value);
}
