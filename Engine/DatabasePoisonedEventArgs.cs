namespace Engine;

/// <summary>A database accepts no further commit: see <see cref="Database.Poisoned"/>.</summary>
public sealed class DatabasePoisonedEventArgs : EventArgs
{
    internal DatabasePoisonedEventArgs(DatabasePoisonedException exception) => Exception = exception;

    /// <summary>What failed, and why: the same as commits are refused with from now on.</summary>
    public DatabasePoisonedException Exception { get; }
}
