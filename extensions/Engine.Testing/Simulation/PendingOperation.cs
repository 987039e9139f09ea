namespace Engine.Testing.Simulation;

/// <summary>
/// A write (its bytes lie in an arena) or, if <see cref="Data"/> is −1, a change of length to <see cref="Offset"/>.
/// </summary>
internal readonly record struct PendingOperation(int Offset, int Length, int Data)
{
    public bool IsLength => Data < 0;
}
