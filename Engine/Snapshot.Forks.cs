namespace Engine;

/// <content>Forks.</content>
public sealed partial class Snapshot
{
    /// <summary>
    /// A database in memory that begins as this state, whatever was committed since; see
    /// <see cref="Database.Fork(DatabaseOptions?)"/>. The snapshot may be disposed before it.
    /// </summary>
    /// <param name="options">How it is opened; null: as the database, but for being writable.</param>
    /// <returns>The fork; dispose it when done.</returns>
    /// <exception cref="DatabaseFormatException">
    /// The database is of an older version of the format, which is only read.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// The options are out of range, or ask for a read-only database or another page size.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The snapshot was disposed, or the database closed.</exception>
    public Database Fork(DatabaseOptions? options = null)
    {
        RequireOpen();
        return _database.Fork(_pin, _database.OptionsOfFork(options));
    }
}
