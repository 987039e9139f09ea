using Engine.Pages;
using Engine.Storage;

namespace Engine.Transactions;

/// <content>Which file is open: the one at the path, the one that the lock file is about, the one that the writer writes to. docs/locking.md, section 7.</content>
internal sealed partial class DatabaseCore
{
    /// <summary>
    /// Before a lock file is made: one that is not there yet is not left beside a file that cannot be opened. Where there is one, recovery decides alone, and under the lock.
    /// </summary>
    private static void RequireSound(IStorage storage, IStorageFile file, CoreOptions options)
    {
        if (!storage.WouldMakeLockFile)
        {
            return;
        }

        if (file.Presence.IsBeingWritten)
        {
            throw new DatabaseBusyException(
                $"'{storage.Name}' is open for writing, and its lock file is not here: the file has another name there (a hard link, a bind mount), "
                + "or the lock file was deleted meanwhile. Open it by the same name as there, or close it there first.");
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

    /// <summary>Under the writer lock: the file that was opened is the one at the path, and nobody relies on what the lock file says of another one.</summary>
    private static void MakeItsOwn(IStorage storage, LockFile lockFile, IStorageFile file)
    {
        file.Presence.RequireReachable();
        if (!lockFile.IsAbout(file.Presence.Identity) && lockFile.FindOther() is { } other)
        {
            throw new DatabaseReplacedException(
                $"'{storage.Name}' is another file than the one that {other} has open under this name: "
                + "the database file was deleted or replaced by another one while it was open there. Close it there first.");
        }

        lockFile.BeAbout(file.Presence.Identity);
    }

    /// <summary>
    /// The published state is not in the file that is open here. If it is in the file that the path leads to now, that is why: an overlay, for one, makes a copy of a
    /// file when it is first opened for writing, and whoever had it open keeps the old one.
    /// </summary>
    private void RequireSameContent(ulong published)
    {
        if (published == 0 || !_lock.HasLiveWriter)
        {
            return;
        }

        try
        {
            using var again = _storage.OpenFile(writable: false);
            if (!HoldsMeta(again, published) || HoldsMeta(_file, published) || _lock.PublishedId != published)
            {
                return;
            }
        }
        catch (DatabaseException)
        {
            // Whatever is there now: the writer does not write to it.
            return;
        }

        throw Outdated();
    }

    /// <summary>
    /// Whether the map shows what reading the file gives. It does not when an overlay has copied the file: new reads are of the copy then, and maps of the old file, whose end may come
    /// sooner. Only blocks that every database has are looked at, so this look ends well.
    /// </summary>
    /// <returns>False if the file has moved on meanwhile.</returns>
    private bool MapShows(MapGeneration map, ulong id, ulong published)
    {
        if (!_file.Presence.CanBeReplaced)
        {
            return true;
        }

        var block = new byte[PageLayout.BlockSize];
        for (var slot = 0; slot < 2; slot++)
        {
            _file.Read(Meta.SlotOffset(slot), block);
            if (Meta.HasRightChecksum(block) && Meta.PeekId(block) == id)
            {
                return map.Shows(Meta.SlotOffset(slot), block) || (_lock.PublishedId == published ? throw Outdated() : false);
            }
        }

        return false;
    }

    private DatabaseReplacedException Outdated() =>
        new($"The file that is open here as '{Name}' is not the one that is written to: it was replaced by another one, "
            + "or by a copy (overlay file systems make one when a file is first opened for writing). Close the database here and open it again.");

    private bool HoldsMeta(IStorageFile file, ulong id)
    {
        return Recovery.ReadSlot(file, _superblock, 0, Name).Meta?.Id == id
            || Recovery.ReadSlot(file, _superblock, 1, Name).Meta?.Id == id;
    }

    /// <summary>What the lock file knows of the last session that wrote to this very file.</summary>
    private LastSession AskLockFile() => _lock.IsAbout(_file.Presence.Identity) ? _lock.LastSessionOf(_superblock.FileId) : default;

    private bool HasFlushMark => !_lock.IsPrivate && _lock.FlushMark && _lock.IsAbout(_file.Presence.Identity);
}
