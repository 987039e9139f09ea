namespace Engine.PropertyTests.Simulation;

/// <summary>The engine broke one of the numbered invariants of the design.</summary>
public sealed class InvariantViolationException : Exception
{
    public InvariantViolationException(int invariant, string message)
        : base($"Invariant {invariant}: {message}")
    {
        Invariant = invariant;
    }

    public int Invariant { get; }
}
