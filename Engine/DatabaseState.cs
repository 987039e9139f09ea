namespace Engine;

/// <summary>What can be done with a <see cref="Database"/>: see <see cref="Database.State"/>.</summary>
public enum DatabaseState
{
    /// <summary>It works.</summary>
    Open,

    /// <summary>
    /// A write to the disk has failed, and whether the last commit is there is not known. Readers go on; nothing can be
    /// committed before the database has been closed and opened again.
    /// </summary>
    Poisoned,

    /// <summary>It was disposed, or is being disposed.</summary>
    Closed,
}
