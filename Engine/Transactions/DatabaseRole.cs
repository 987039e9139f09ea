namespace Engine.Transactions;

/// <summary>
/// What this process does in an open database besides reading it: it is the one that writes
/// (<see cref="DatabaseWriter"/>), or it follows whoever does (<see cref="DatabaseFollower"/>).
/// </summary>
internal abstract class DatabaseRole : IDisposable
{
    /// <summary>What the opening came across besides the state that it took; null if there was nothing.</summary>
    public RecoveryReport? RecoveryReport { get; protected set; }

    /// <summary>The newest durable id.</summary>
    public abstract ulong DurableId { get; }

    /// <summary>Refuses what would have to wait for the operation that this thread is in the middle of.</summary>
    public virtual void RequireNoCallback()
    {
    }

    /// <summary>
    /// Closing, first: nothing more is begun. What was promised is made durable, as far as that can be.
    /// </summary>
    public virtual void Finish()
    {
    }

    /// <summary>Closing, second: the readers have been turned away.</summary>
    /// <param name="isQuiet">Whether none was open, so that the maps can go.</param>
    public abstract void Leave(bool isQuiet);

    /// <summary>Gives memory back.</summary>
    public abstract void Dispose();
}
