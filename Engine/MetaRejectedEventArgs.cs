namespace Engine;

/// <summary>A meta was not taken: see <see cref="Database.MetaRejected"/>.</summary>
public sealed class MetaRejectedEventArgs : EventArgs
{
    internal MetaRejectedEventArgs(RecoveryReport report) => Report = report;

    /// <summary>What was not taken, and what was taken instead.</summary>
    public RecoveryReport Report { get; }
}
