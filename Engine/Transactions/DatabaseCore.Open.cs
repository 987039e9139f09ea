using Engine.Pages;
using Engine.Space;
using Engine.Storage;

namespace Engine.Transactions;

/// <content>Opening: for writing (creation, recovery, replay of the space log), or read-only beside a writer or without one.</content>
internal sealed partial class DatabaseCore
{
    private DatabaseCore(IStorage storage, CoreOptions options, LockFile lockFile, IStorageFile file, Superblock superblock)
    {
        _storage = storage;
        _options = options;
        _lock = lockFile;
        _file = file;
        _superblock = superblock;
        _verified = new VerifiedPages(rememberCrcs: options.ReadOnly);
        _growth = options.ReadOnly ? null : new FileGrowth(file, superblock.PageSize);
        _maps = new MapGenerations(file, _growth, ReleaseMaps);
        _flusher = new Flusher(options.Clock, FlushIfDue);
        _published = null!;
    }

    /// <summary>Opens a database; owns the storage from here on, also when it throws.</summary>
    public static DatabaseCore Open(IStorage storage, CoreOptions options)
    {
        if (!BitConverter.IsLittleEndian)
        {
            storage.Dispose();
            throw new PlatformNotSupportedException("The engine needs a little-endian processor.");
        }

        LockFile? lockFile = null;
        IStorageFile? file = null;
        Superblock? superblock = null;
        DatabaseCore? core = null;
        try
        {
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
            if (!options.ReadOnly)
            {
                TakeWriterLock(storage, lockFile);
                if (file is null)
                {
                    CreateIfMissing(storage, lockFile, options);
                    file = storage.OpenFile(writable: true);
                }
            }

            file!.Presence.Join(lockFile.IsPrivate ? null : lockFile);
            if (!options.ReadOnly)
            {
                MakeItsOwn(storage, lockFile, file);
            }

            superblock ??= ReadSuperblock(storage, file, options);
            core = new DatabaseCore(storage, options, lockFile, file, superblock);
            if (options.ReadOnly)
            {
                core.LoadForReading();
            }
            else
            {
                core.LoadForWriting();
            }

            return core;
        }
        catch (Exception e)
        {
            core?._maps.ReleaseAll();
            core?._writeContext?.Dispose();
            file?.Dispose();
            lockFile?.Dispose();
            storage.Dispose();
            if (e is OutOfMemoryException)
            {
                // What opening allocates grows with the page count, which a sparse file makes as large as it likes.
                throw new DatabaseException($"There is not enough memory to open '{storage.Name}', which says that it has as many pages as its length allows. Open it read-only, or where there is more memory.", e);
            }

            throw;
        }
    }

    private static Superblock ReadSuperblock(IStorage storage, IStorageFile file, CoreOptions options)
    {
        var superblock = Recovery.ReadSuperblock(file, storage.Name);
        return options.PageSize is not { } wanted || wanted == superblock.PageSize
            ? superblock
            : throw new DatabaseFormatException(
                $"'{storage.Name}' has pages of {superblock.PageSize} bytes, but {wanted} were asked for. The page size is fixed at creation: leave the option unset, or copy the data into a new database.");
    }

    private static DatabaseNotFoundException Missing(IStorage storage) =>
        new($"There is no database at '{storage.Name}'. Check the path, or open it with creation allowed.");

    private static void TakeWriterLock(IStorage storage, LockFile lockFile)
    {
        if (!lockFile.TryLockWriter())
        {
            throw new DatabaseBusyException(
                $"'{storage.Name}' is open for writing already, by {lockFile.DescribeWriter()}. Close it there, or open it read-only here.");
        }
    }

    private static void CreateIfMissing(IStorage storage, LockFile lockFile, CoreOptions options)
    {
        // Looked at again now that the writer lock is held: another process may have been faster.
        if (storage.Exists(out _))
        {
            return;
        }

        if (!options.CreateIfMissing)
        {
            throw Missing(storage);
        }

        if (lockFile.NamesDatabase && lockFile.FindOther() is { } other)
        {
            throw new DatabaseReplacedException(
                $"'{storage.Name}' was deleted while {other} had it open, and still has. Close it there before a new database is made here.");
        }

        Creation.Create(storage, options.PageSize ?? PageLayout.DefaultPageSize);
    }

    private void LoadForWriting()
    {
        var wasClosedCleanly = _lock.CleanlyClosed;
        _lock.PublishedId = 0;
        if (!wasClosedCleanly)
        {
            _file.DropCache();
        }

        var recovered = Recovery.Choose(_file, Name);
        _lock.SweepAtOpening();
        CollectPins(_lock.Readers, ref _pins, out var count);
        foreach (var pin in _pins.AsSpan(0, count))
        {
            if (pin > recovered.Meta.Id)
            {
                throw new DatabaseBusyException(
                    $"Another process still reads transaction {pin} of '{Name}', which is newer than the recovered transaction {recovered.Meta.Id}. End that process, then open the database again.");
            }
        }

        var writeAgain = recovered.IsNewest && !wasClosedCleanly;
        if (writeAgain || recovered.HasRejected)
        {
            try
            {
                _lock.FlushMark = true;
                Recovery.Settle(_file, recovered, writeAgain);
                if (!wasClosedCleanly)
                {
                    // Whoever created the file may have died, or failed, between renaming it and making the name durable.
                    _storage.FlushDirectory();
                }
            }
            catch (StorageWriteException e)
            {
                throw new DatabaseAccessException($"Recovery of '{Name}' could not write: {e.Message} Nothing was lost; mend the cause and open it again.", e);
            }
        }

        _lock.FlushMark = false;
        _lock.CleanlyClosed = false;
        var meta = recovered.Meta;
        _space = SpaceManager.Open(meta, PageSize, ReadLogPage, _pins.AsSpan(0, count), _options.Space);
        _verified.Ensure(meta.PageCount);
        _published = PublishedState.From(meta, _maps.Covering((long)meta.PageCount * PageSize), meta.Id);
        _maps.Use(_published.Map, meta.Id);
        _durable = _published;
        _durableSlot = recovered.Slot;
        _nextId = NextTransactionId(recovered.HighestId);
        _writeContext = new WriteContext(
            PageSize, _options, _file, _growth!, _space, _verified, _maps, MakeRoom);
        _metaBlock = new byte[PageLayout.BlockSize];
        SpaceCounts = (_space.ReusablePages, _space.PendingPages);
        _lock.PublishedId = meta.Id;
    }

    private ReadOnlySpan<byte> ReadLogPage(ulong page)
    {
        var buffer = _logPageBuffer ??= new byte[PageSize];
        _file.Read((long)page * PageSize, buffer);
        return buffer;
    }
}
