namespace Engine.Storage;

/// <summary>
/// The place of one database: a path, memory, or the simulated disk of the tests. Everything the engine does to the
/// outside world goes through this interface and <see cref="IStorageFile"/>.
/// </summary>
internal interface IStorage : IDisposable
{
    /// <summary>What messages call the database: its full path, or a made-up name.</summary>
    string Name { get; }

    /// <summary>Whether <see cref="OpenLockFile"/> would leave a file behind that is not there yet.</summary>
    bool WouldMakeLockFile => false;

    /// <summary>
    /// So many bytes at the start of the file are those of another database, but for the reserved blocks: they hold
    /// what this one has of that, and more; none is written. 0 for all but forks.
    /// </summary>
    long BorrowedBytes => 0;

    /// <summary>Tells whether the database file exists, and how long it is.</summary>
    /// <exception cref="DatabaseAccessException">
    /// The rights to find out are missing, or the name is a directory.
    /// </exception>
    bool Exists(out long length);

    /// <summary>Opens the database file.</summary>
    /// <exception cref="DatabaseNotFoundException">There is no such file.</exception>
    /// <exception cref="DatabaseAccessException">The rights are missing, or the medium is read-only.</exception>
    IStorageFile OpenFile(bool writable);

    /// <summary>
    /// Creates the file from which a new database is made, under a name that nothing else has. The caller holds the
    /// writer lock.
    /// </summary>
    IStorageFile CreateTemporary();

    /// <summary>Gives the temporary file the database's name, atomically. It never replaces anything.</summary>
    /// <exception cref="DatabaseBusyException">Something has that name meanwhile; nothing was changed.</exception>
    void RenameTemporary();

    /// <summary>
    /// Removes the temporary file that this object has made, after a failed creation. Its absence is no error.
    /// </summary>
    void DeleteTemporary();

    /// <summary>Makes names durable: a renamed file can be lost with the power until this has returned.</summary>
    void FlushDirectory();

    /// <summary>
    /// Opens the lock file, creating it if it is missing. What has its name and is none of ours is left as it is.
    /// </summary>
    /// <param name="readOnly">Whether the database is opened for reading only; it decides what messages advise.</param>
    /// <exception cref="DatabaseFormatException">Its name belongs to something else.</exception>
    LockFile OpenLockFile(bool readOnly);
}
