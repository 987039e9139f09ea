using Engine.Transactions;

namespace Engine;

/// <content>Forks: databases in memory that begin as a state of this one.</content>
public sealed partial class Database
{
    /// <summary>
    /// Whether it is a fork of another database (<see cref="Fork(DatabaseOptions?)"/>): what it writes is in memory,
    /// and gone when it is disposed.
    /// </summary>
    public bool IsFork => Core.Storage.BorrowedBytes > 0;

    /// <summary>
    /// A database in memory that begins as the newest published state of this one and goes its own way: for tests on
    /// real data, and to try a migration before it is done. Everything works in it as in any database; nothing of it
    /// ever reaches this database or its file, which go on as if there were no fork, and whose later commits it does
    /// not see. Making one copies nothing: what it has not changed it reads where this database has it. Thread-safe.
    /// </summary>
    /// <param name="options">
    /// How it is opened; null: as this database, but for <see cref="DatabaseOptions.ReadOnly"/>. What concerns files
    /// means nothing here.
    /// </param>
    /// <returns>The fork. Dispose it when done, before this database: closing this one closes its forks.</returns>
    /// <remarks>
    /// <para>Memory: what it has written (as pages; up to twice that while it grows), and at first a bit for each page
    /// of this database, and half a megabyte. When there is no more, commits throw <see cref="DatabaseFullException"/>.
    /// Commits are never durable, whatever <see cref="CommitMode"/> says.</para>
    /// <para>While it is open, the pages of the state that it began with are not reused, as with a snapshot that is
    /// open. It has no named snapshots and consumers but those that are made in it. Handles of trees, indexes and
    /// sequences are those of one database: get them from the fork. Ids of transactions in a fork mean nothing
    /// here.</para>
    /// </remarks>
    /// <exception cref="ReadersFullException">Too many read transactions, snapshots and forks are open.</exception>
    /// <exception cref="DatabaseFormatException">
    /// The database is of an older version of the format, which is only read.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// The options are out of range, or ask for a read-only database or another page size.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The database was closed.</exception>
    /// <example>
    /// <code>
    /// using var fork = db.Fork();
    /// Migrate(fork);                          // as on the real thing, which stays as it is
    /// Console.WriteLine(fork.Check().IsOk);
    /// </code>
    /// </example>
    public Database Fork(DatabaseOptions? options = null)
    {
        var forked = OptionsOfFork(options);
        var pin = Core.Readers.BeginShared();
        try
        {
            return Fork(pin, forked);
        }
        finally
        {
            pin.Release();
        }
    }

    /// <summary>A fork of a state that the caller has pinned.</summary>
    internal Database Fork(SharedPin pin, DatabaseOptions options) => Open(Core.Fork(pin, options));

    /// <summary>The options of a fork.</summary>
    /// <exception cref="ArgumentException">They do not fit.</exception>
    internal DatabaseOptions OptionsOfFork(DatabaseOptions? options)
    {
        if (options is null)
        {
            return Core.Options.ForWriting();
        }

        options.Validate();
        if (options.ReadOnly)
        {
            throw new ArgumentException("A fork is there to be written to: leave ReadOnly unset.", nameof(options));
        }

        return options.PageSize is not { } wanted || wanted == PageSize
            ? options
            : throw new ArgumentException(
                $"A fork has the pages of its base, of {PageSize} bytes: leave PageSize unset.", nameof(options));
    }
}
