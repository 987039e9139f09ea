using Engine.PropertyTests.Model;

namespace Engine.PropertyTests.Sabotage;

/// <summary>
/// Runs the tiers against the engine that these tests are bound to. Called in the context of the sabotaged engine, from
/// outside of it: so it takes and gives nothing but types of the framework.
/// </summary>
internal static class Trial
{
    private const int SmallBudget = 24;

    /// <summary>The tiers, cheapest first.</summary>
    public static IReadOnlyList<ITier> Tiers { get; } =
    [
        new ScenarioTier(),
        new RuleTier(),
        new FailingCallTier(),
        new FileTier(),
        new RandomTier(),
        new SweepTier(),
        new DamageTier(),
    ];

    /// <inheritdoc cref="SabotagedEngine.Run"/>
    public static (string Tier, long States, string Message)? Run(int number, string? only, long unit)
    {
        Activate(number);
        foreach (var tier in Tiers)
        {
            if (only is not null && tier.Name != only)
            {
                continue;
            }

            var count = new StateCount(unit);
            Switch("RarePaths", false);
            KeepCache(false);
            try
            {
                tier.Run(count);
            }
            catch (Exception e)
            {
                return (tier.Name, count.Value, e.Message);
            }
        }

        return null;
    }

    /// <summary>Switches a plant on, and all others off.</summary>
    public static void Activate(int number) => Switch("Active", number);

    /// <summary>The program as it is, or with all sizes small that decide when rare things happen.</summary>
    public static OperationProgram Prepare(OperationProgram program, bool rare)
    {
        Switch("RarePaths", rare);
        return rare ? program with { IsTight = true, Budget = SmallBudget } : program;
    }

    /// <summary>Whether the platform has no way to drop the cache of a file.</summary>
    public static void KeepCache(bool isOn) => Switch("KeepsCache", isOn);

    /// <summary>Collects the names of the system calls that are made on files.</summary>
    public static void Observe(List<string>? calls) => Switch("Calls", calls);

    /// <summary>Lets a system call fail with an input/output error; null for none.</summary>
    public static void Fail(string? call) => Switch("Failing", call);

    private static void Switch(string name, object? value) =>
        typeof(Database).Assembly.GetType("Engine.Sabotage")!.GetField(name)!.SetValue(null, value);
}
