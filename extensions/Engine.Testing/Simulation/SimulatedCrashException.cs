namespace Engine.Testing.Simulation;

/// <summary>The simulated process is dead: what the engine still tries changes nothing and has no witness.</summary>
internal sealed class SimulatedCrashException : IOException
{
    public SimulatedCrashException()
        : base("The simulated process has died.")
    {
    }
}
