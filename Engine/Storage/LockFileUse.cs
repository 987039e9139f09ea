namespace Engine.Storage;

/// <summary>What somebody joins a lock file for.</summary>
internal enum LockFileUse
{
    /// <summary>To read: an entry of the process table is taken.</summary>
    Reading,

    /// <summary>To become the writer: the entry that is kept for writers may be taken, too.</summary>
    Writing,

    /// <summary>To look and to sweep: no entry is taken, so that it works when all are.</summary>
    Watching,

    /// <summary>To read where nobody else can see it.</summary>
    Private,
}
