using Engine.Diagnostics;
using Engine.Pages;
using Engine.Storage;

namespace Engine.Transactions;

/// <content>
/// Opening: which file, with which rights, who else has it. What follows for the state is the role's business.
/// docs/locking.md, section 7.
/// </content>
internal sealed partial class DatabaseCore
{
    private DatabaseCore(
        IStorage storage,
        DatabaseOptions options,
        DatabaseTelemetry telemetry,
        LockFile lockFile,
        IStorageFile file,
        Superblock superblock,
        bool isNew)
    {
        Storage = storage;
        Options = options;
        Telemetry = telemetry;
        LockFile = lockFile;
        Superblock = superblock;
        VerifiedPages = new VerifiedPages(rememberCrcs: options.ReadOnly);
        Readers = new DatabaseReaders(this, lockFile.Readers);
        Times = new StateTimes(options.Clock);

        // Until the role has its first state, nobody begins on one.
        _published = null!;
        if (options.ReadOnly)
        {
            File = file;
            Maps = new MapGenerations(file, growth: null, ReleaseMaps);
            _role = OpenRole(() => DatabaseFollower.Open(this));
        }
        else
        {
            var session = new SessionFile(file, () => lockFile.BeginChanges(superblock.FileId));

            // NTFS gives a file that is not marked as sparse all the space of its length.
            var growth = new FileGrowth(
                session, superblock.PageSize, storage.BorrowedBytes, holesAreFree: !OperatingSystem.IsWindows());
            File = session;
            Maps = new MapGenerations(session, growth, ReleaseMaps);
            _role = OpenRole(() => DatabaseWriter.Open(this, session, growth, isNew));
        }
    }

    /// <summary>Opens a database; owns the storage from here on, also when it throws.</summary>
    public static DatabaseCore Open(IStorage storage, DatabaseOptions options)
    {
        if (!BitConverter.IsLittleEndian)
        {
            storage.Dispose();
            throw new PlatformNotSupportedException("The engine needs a little-endian processor.");
        }

        LockFile? lockFile = null;
        IStorageFile? file = null;
        Superblock? superblock = null;
        try
        {
            var name = options.Name ?? Path.GetFileName(storage.Name);
            var telemetry = new DatabaseTelemetry(
                EngineInstruments.For(options.MeterFactory), name, storage.Name, options.SlowCommit);
            if (storage.Exists(out _))
            {
                // Looked at before anything beside it is touched: what is no database has no lock file either.
                file = storage.OpenFile(writable: !options.ReadOnly);
                superblock = ReadSuperblock(storage, file, options);
                RequireSound(storage, file, options);
            }
            else if (options.ReadOnly || !options.CreateIfMissing)
            {
                throw Missing(storage);
            }

            lockFile = storage.OpenLockFile(options.ReadOnly);
            var isNew = false;
            if (!options.ReadOnly)
            {
                TakeWriterLock(storage, lockFile);
                if (file is null)
                {
                    isNew = CreateIfMissing(storage, lockFile, options);
                    file = storage.OpenFile(writable: true);
                }
            }

            file!.Presence.Join(lockFile.IsPrivate ? null : lockFile);
            if (!options.ReadOnly)
            {
                MakeItsOwn(storage, lockFile, file);
            }

            superblock ??= ReadSuperblock(storage, file, options);
            return new DatabaseCore(storage, options, telemetry, lockFile, file, superblock, isNew);
        }
        catch (Exception e)
        {
            file?.Dispose();
            lockFile?.Dispose();
            storage.Dispose();
            if (e is OutOfMemoryException)
            {
                // What opening allocates grows with the page count, which a sparse file makes as large as it likes.
                throw new DatabaseException(
                    $"There is not enough memory to open '{storage.Name}', which says that it has as many pages as its "
                    + "length allows. Open it read-only, or where there is more memory.",
                    e);
            }

            throw;
        }
    }

    private static Superblock ReadSuperblock(IStorage storage, IStorageFile file, DatabaseOptions options)
    {
        var superblock = Recovery.ReadSuperblock(file, storage.Name);
        if (!options.ReadOnly)
        {
            superblock.RequireWritable(storage.Name);
        }

        return options.PageSize is not { } wanted || wanted == superblock.PageSize
            ? superblock
            : throw new DatabaseFormatException(
                $"'{storage.Name}' has pages of {superblock.PageSize} bytes, but {wanted} were asked for. The page "
                + "size is fixed at creation: leave the option unset, or copy the data into a new database.");
    }

    private static DatabaseNotFoundException Missing(IStorage storage) =>
        new($"There is no database at '{storage.Name}'. Check the path, or open it with creation allowed.");

    private static void TakeWriterLock(IStorage storage, LockFile lockFile)
    {
        if (!lockFile.TryLockWriter())
        {
            throw new DatabaseBusyException(
                $"'{storage.Name}' is open for writing already, by {lockFile.DescribeWriter()}. Close it there, or "
                + "open it read-only here.");
        }
    }

    /// <returns>Whether there was none.</returns>
    private static bool CreateIfMissing(IStorage storage, LockFile lockFile, DatabaseOptions options)
    {
        // Looked at again now that the writer lock is held: another process may have been faster.
        if (storage.Exists(out _))
        {
            return false;
        }

        if (!options.CreateIfMissing)
        {
            throw Missing(storage);
        }

        if (lockFile.NamesDatabase && lockFile.FindOther() is { } other)
        {
            throw new DatabaseReplacedException(
                $"'{storage.Name}' was deleted while {other} had it open, and still has. Close it there before a new "
                + "database is made here.");
        }

        Creation.Create(storage, options.PageSize ?? PageLayout.DefaultPageSize);
        return true;
    }

    /// <summary>What was mapped goes with the role that could not be opened.</summary>
    private DatabaseRole OpenRole(Func<DatabaseRole> open)
    {
        try
        {
            return open();
        }
        catch
        {
            Maps.ReleaseAll();
            throw;
        }
    }

    /// <summary>
    /// Before a lock file is made: one that is not there yet is not left beside a file that cannot be opened. Where
    /// there is one, recovery decides alone, and under the lock.
    /// </summary>
    private static void RequireSound(IStorage storage, IStorageFile file, DatabaseOptions options)
    {
        if (!storage.WouldMakeLockFile)
        {
            return;
        }

        if (file.Presence.IsBeingWritten)
        {
            throw new DatabaseBusyException(
                $"'{storage.Name}' is open for writing, and its lock file is not here: the file has another name there "
                + "(a hard link, a bind mount), or the lock file was deleted meanwhile. Open it by the same name as "
                + "there, or close it there first.");
        }

        try
        {
            if (!options.ReadOnly)
            {
                // As the recovery under the lock will do, which knows nothing of an orderly close either.
                file.DropCache();
            }

            _ = Recovery.Choose(file, storage.Name, default);
        }
        catch (DatabaseException) when (!storage.WouldMakeLockFile || file.Presence.IsBeingWritten)
        {
            // Somebody opened it for writing meanwhile, so that what was read did not hold together.
        }
    }

    /// <summary>
    /// Under the writer lock: the file that was opened is the one at the path, and nobody relies on what the lock file
    /// says of another one.
    /// </summary>
    private static void MakeItsOwn(IStorage storage, LockFile lockFile, IStorageFile file)
    {
        file.Presence.RequireReachable();
        if (!lockFile.IsAbout(file.Presence.Identity) && lockFile.FindOther() is { } other)
        {
            throw new DatabaseReplacedException(
                $"'{storage.Name}' is another file than the one that {other} has open under this name: "
                + "the database file was deleted or replaced by another one while it was open there. Close it there "
                + "first.");
        }

        lockFile.BeAbout(file.Presence.Identity);
    }
}
