using Engine.PropertyTests.Crash;
using Engine.PropertyTests.Model;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Campaign;

/// <summary>The random tier: a number gives a program, and the program always the same run.</summary>
internal static class RandomTier
{
    /// <summary>Power cuts tried at every flush and every death.</summary>
    public const int Fan = 24;

    /// <summary>
    /// The number of a program: each core has a stream of its own, so that a campaign does not depend on how fast its
    /// cores are.
    /// </summary>
    public static ulong SeedOf(ulong campaign, int core, ulong index) =>
        Dice.Mix(Dice.Mix(campaign) + (ulong)core) + index;

    /// <summary>
    /// The mixture of a campaign of all profiles. One swept program takes as long as dozens of others.
    /// </summary>
    public static Profile ProfileOf(ulong index) => (index % 64) switch
    {
        0 => Profile.Sweep,
        < 4 => Profile.Calm,
        < 20 => Profile.Faults,
        _ => Profile.Crashes,
    };

    public static OperationProgram Generate(Profile profile, ulong seed)
    {
        var dice = Dice.Mix(seed ^ 0x736F616B);
        return profile switch
        {
            Profile.Sweep => ProgramGenerator.Generate(seed, 2 + (int)(dice % 10), ProgramProfile.Calm),
            Profile.Calm => ProgramGenerator.Generate(seed, dice % 16 == 0 ? 600 : Length(dice), ProgramProfile.Calm),
            Profile.Crashes => ProgramGenerator.Generate(seed, Length(dice), ProgramProfile.Crashes) with { Fan = Fan },
            _ => ProgramGenerator.Generate(seed, Length(dice), ProgramProfile.Faults) with { Fan = Fan },
        };
    }

    /// <exception cref="PropertyFailedException">Something does not hold.</exception>
    public static RunResult Run(Profile profile, OperationProgram program) =>
        profile == Profile.Sweep ? CrashSweep.Run(program, CrashBounds.Full) : ProgramRunner.Run(program);

    private static int Length(ulong dice) => 1 + (int)(dice / 16 % 60);
}
