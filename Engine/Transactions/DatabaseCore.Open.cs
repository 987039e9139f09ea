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
        _session = options.ReadOnly ? null : new SessionFile(file, () => lockFile.BeginChanges(superblock.FileId));
        _file = file = _session ?? file;
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
            core = new DatabaseCore(storage, options, lockFile, file, superblock);
            if (options.ReadOnly)
            {
                core.LoadForReading();
            }
            else
            {
                core.LoadForWriting(isNew);
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

    /// <returns>Whether there was none.</returns>
    private static bool CreateIfMissing(IStorage storage, LockFile lockFile, CoreOptions options)
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
                $"'{storage.Name}' was deleted while {other} had it open, and still has. Close it there before a new database is made here.");
        }

        Creation.Create(storage, options.PageSize ?? PageLayout.DefaultPageSize);
        return true;
    }

    private void LoadForWriting(bool isNew)
    {
        // What the lock file knows stays there until a state stands: an opening that is refused leaves it, and the next
        // one is refused, too.
        var recovered = ChooseForWriting(isNew);
        RecoveryReport = recovered.Report;
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

        // Before anything is written: a file whose log cannot be read is left as it is. And by the id that the state was
        // found under, which is what the log was written for.
        _space = SpaceManager.Open(recovered.Meta, PageSize, ReadLogPage, _pins.AsSpan(0, count), _options.Space);
        var (meta, slot) = (recovered.Meta, recovered.Slot);
        var highestId = recovered.HighestId;
        if (!isNew && !recovered.IsAsClosed)
        {
            (meta, slot, highestId) = (Mend(recovered), 1 - slot, 0);
            _space.AddPin(meta.Id);
        }

        _lock.FlushMark = false;
        _verified.Ensure(meta.PageCount);
        _published = PublishedState.From(meta, _maps.Covering((long)meta.PageCount * PageSize), meta.Id);
        _maps.Use(_published.Map, meta.Id);
        _durable = _published;
        _durableSlot = slot;
        _isSettled = recovered.IsAsClosed;
        _nextId = NextTransactionId(Math.Max(meta.Id, highestId));
        _writeContext = new WriteContext(
            PageSize, _options, new PageFile(_file, _growth!, _verified, PageSize), _space, _verified, _maps, MakeRoom);
        _metaBlock = new byte[PageLayout.BlockSize];
        meta.Write(_metaBlock, _superblock);
        SpaceCounts = (_space.ReusablePages, _space.PendingPages);
        _lock.PublishedId = meta.Id;
        PrepareToSettle();
    }

    private RecoveredState ChooseForWriting(bool isNew)
    {
        var last = AskLockFile();
        if (last.WasClosed)
        {
            var closed = Recovery.Choose(_file, Name, last);
            if (closed.WasClosed)
            {
                return closed;
            }
        }

        if (!isNew)
        {
            _file.DropCache();
        }

        return Recovery.Choose(_file, Name, last);
    }

    /// <summary>
    /// After anything but an orderly close: makes the recovered state durable, and gives it a new id above all that the
    /// last session can have handed out. Ids that were shown must not come back with another content, and a crash hides
    /// some of them: deferred commits are named by no meta, and a torn meta does not tell its id.
    /// </summary>
    /// <returns>The meta that stands for the recovered state from now on, in the other slot.</returns>
    private Meta Mend(RecoveredState recovered)
    {
        var reach = _options.IdReach;
        var limit = Meta.MaxId - reach - reach;
        var highest = recovered.HighestId;
        if (highest > limit)
        {
            throw ImpossibleId(highest);
        }

        if (recovered.Report?.ClosedTransactionId is { } closed && closed <= limit)
        {
            // An older copy in the place of what was closed: these ids were handed out, too.
            highest = Math.Max(highest, closed);
        }

        try
        {
            _lock.FlushMark = true;
            if (recovered.IsNewest && !recovered.WasClosed)
            {
                Recovery.WriteAgain(_file, recovered);
            }

            var meta = Recovery.WriteReissued(_file, recovered, Math.Max(recovered.Meta.Id + reach, highest + 1));
            if (!recovered.WasClosed)
            {
                // Whoever created the file may have died, or failed, between renaming it and making the name durable.
                _storage.FlushDirectory();
            }

            return meta;
        }
        catch (StorageWriteException e)
        {
            throw new DatabaseAccessException($"Recovery of '{Name}' could not write: {e.Message} Nothing was lost; mend the cause and open it again.", e);
        }
    }

    private ReadOnlySpan<byte> ReadLogPage(ulong page)
    {
        var buffer = _logPageBuffer ??= new byte[PageSize];
        _file.Read((long)page * PageSize, buffer);
        return buffer;
    }
}
