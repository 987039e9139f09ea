using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Crash;

/// <summary>A crash state that the engine does not survive.</summary>
public sealed class CrashStateException : Exception
{
    internal CrashStateException(CrashPlan plan, Exception innerException)
        : base($"{innerException.Message}\nafter the crash {plan}", innerException)
    {
    }
}
