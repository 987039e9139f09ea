using Engine.PropertyTests.Model;

namespace Engine.PropertyTests.Sabotage;

/// <summary>A fixed number of generated programs of every profile, in memory too.</summary>
internal sealed class RandomTier : ITier
{
    private const ulong Seed = 20_000;
    private const int Programs = 400;

    public string Name => "random programs";

    public string Unit => "programs";

    public void Run(StateCount count)
    {
        for (var i = 0; i < Programs; i++)
        {
            foreach (var profile in new[] { ProgramProfile.Faults, ProgramProfile.Crashes, ProgramProfile.Calm })
            {
                if (count.Next())
                {
                    ProgramRunner.Run(
                        Trial.Prepare(
                            ProgramGenerator.Generate(Seed + (ulong)i, 10 + (i % 60), profile), rare: i % 3 == 1));
                }
            }
        }

        if (count.Next())
        {
            ProgramRunner.RunInMemory(ProgramGenerator.Generate(Seed, 200, ProgramProfile.Calm));
        }
    }
}
