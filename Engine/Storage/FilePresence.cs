namespace Engine.Storage;

/// <summary>
/// An open database file as one of the things in the world: which file it is, whether its path still leads to it, and
/// who else has it open. This one knows nothing of a world: databases in memory are nowhere else.
/// </summary>
internal class FilePresence
{
    /// <summary>The presence of a file that nobody else can reach.</summary>
    public static FilePresence Nowhere { get; } = new();

    /// <summary>
    /// Which file it is, known after <see cref="Join"/>; unknown where the numbers of the file system cannot be relied
    /// on.
    /// </summary>
    public virtual FileIdentity Identity => default;

    /// <summary>Whether the file has a name that may come to lead to another one, or to a copy.</summary>
    public virtual bool CanBeReplaced => false;

    /// <summary>
    /// Whether another open is known to have the file open for writing, by whatever name and lock file.
    /// </summary>
    public virtual bool IsBeingWritten => false;

    /// <summary>
    /// Shows the open to users of other lock files, and refuses if the two would not spare each other. Called once,
    /// when the lock file is open, and held by a writer.
    /// </summary>
    /// <param name="lockFile">The lock file that was opened with it; null for a reader that does without.</param>
    /// <exception cref="DatabaseBusyException">The file is open under another lock file.</exception>
    public virtual void Join(LockFile? lockFile)
    {
    }

    /// <summary>
    /// Whether the writer that is registered in a lock file has this very file open; null if that cannot be told.
    /// </summary>
    public virtual bool? IsWrittenUnder(LockFile lockFile) => null;

    /// <summary>Makes sure that what is written to the file can be found at its path afterwards.</summary>
    /// <exception cref="DatabaseReplacedException">It was deleted, or its path leads to another file.</exception>
    public virtual void RequireReachable()
    {
    }
}
