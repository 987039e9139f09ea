using System.Runtime.CompilerServices;
using Engine.Pages;
using Engine.Storage;

namespace Engine.Transactions;

/// <summary>
/// The newest durable state for a database that is open read-only. Each look is taken under a lock, because the state
/// and the maps are everybody's; between looks nobody waits under one, so however many wait for a writer that is still
/// recovering, they wait at the same time.
/// </summary>
internal sealed class DatabaseFollower : DatabaseRole
{
    /// <summary>
    /// So many looks follow each other at once: a writer that commits without pause moves on meanwhile.
    /// </summary>
    private const int LooksAtOnce = 10;

    private readonly DatabaseCore _core;
    private readonly LockFile _lock;
    private readonly IStorageFile _file;
    private readonly Lock _refreshing = new();

    private DatabaseFollower(DatabaseCore core)
    {
        _core = core;
        _lock = core.LockFile;
        _file = core.File;
    }

    public override ulong DurableId => _core.Published.Id;

    private string Name => _core.Name;

    private bool HasFlushMark => !_lock.IsPrivate && _lock.FlushMark && _lock.IsAbout(_file.Presence.Identity);

    /// <summary>Loads the newest state, and lets the readers follow.</summary>
    public static DatabaseFollower Open(DatabaseCore core)
    {
        var follower = new DatabaseFollower(core);
        core.Readers.Follow(follower);

        // A slot of our own pins what is being looked at until the first state stands.
        var slot = core.LockFile.Readers.Claim();
        try
        {
            follower.Refresh(slot);
        }
        finally
        {
            core.LockFile.Readers.Release(slot);
        }

        return follower;
    }

    /// <summary>Whether nobody has published anything since the state was read.</summary>
    public bool IsNewest(PublishedState state) => _lock.IsStill(state.SeenId, state.SeenSession);

    /// <summary>
    /// Makes the newest durable state the published one, unless it is. The slot is the caller's; what it pins
    /// afterwards means nothing.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Refresh(int slot)
    {
        var start = Environment.TickCount64;
        for (var look = 0; ; look++)
        {
            _core.ThrowIfDisposed();
            _lock.RequireWritersFile(_file, Name);
            ulong missing;
            lock (_refreshing)
            {
                _core.ThrowIfDisposed();
                if ((_core.Published is { } state && IsNewest(state))
                    || TryRefresh(slot, out missing))
                {
                    return;
                }
            }

            if (missing != 0)
            {
                RequireSameContent(missing);
            }

            if (Environment.TickCount64 - start > (long)_core.Options.RecoveryPatience.TotalMilliseconds)
            {
                ThrowNothingFound(missing);
            }

            if (look >= LooksAtOnce)
            {
                Thread.Sleep(Math.Min(look - LooksAtOnce + 1, 16));
            }
        }
    }

    public override void Leave(bool isQuiet)
    {
        // A reader that is being turned away may still look for the newest state; the next look finds the database
        // closed.
        using (Uninterrupted.Enter(_refreshing))
        {
            if (isQuiet)
            {
                _core.Maps.ReleaseAll();
            }
        }
    }

    public override void Dispose()
    {
    }

    /// <summary>
    /// Reads the newest durable state, pinned by the slot before anything of it is believed; false if a writer is not
    /// ready, or moved on meanwhile.
    /// </summary>
    /// <param name="slot">The slot.</param>
    /// <param name="missing">What a writer has published and the file does not hold; 0 if nothing is missing.</param>
    private bool TryRefresh(int slot, out ulong missing)
    {
        // In this order: what is published is never of an earlier session, nor, if there is a writer, of an earlier
        // one. Such an id may be newer than all that the file holds (the lock file may be older than the last power
        // cut), and a writer that finds it pinned refuses to open.
        var session = _lock.Session;
        var hasWriter = !_lock.IsPrivate && _lock.HasLiveWriter;
        var seen = _lock.PublishedId;
        missing = 0;
        var meta = hasWriter ? FindPublished(slot, seen, out missing) : RecoverForReading(slot, seen, session);
        if (meta is null)
        {
            return false;
        }

        // In this order: nothing is allocated for a page count that the file does not bear out.
        var map = _core.Maps.Covering((long)meta.PageCount * _core.PageSize);
        if (map.Length < (long)meta.PageCount * _core.PageSize || !MapShows(map, meta.Id, seen))
        {
            return false;
        }

        _core.VerifiedPages.Ensure(meta.PageCount);
        if (_core.Published is not { } former || former.SeenSession != session)
        {
            _core.RequireKnownAttributes(meta, map);
        }

        var state = PublishedState.From(meta, map, meta.Id, [], seen, session);
        _core.Accept(state);
        _core.Publish(state);
        _core.ReleaseMaps();
        return true;
    }

    /// <summary>
    /// Beside a live writer nothing is recovered: its published state is pinned, and must still be the published one
    /// afterwards.
    /// </summary>
    private Meta? FindPublished(int slot, ulong published, out ulong missing)
    {
        missing = 0;
        if (published == 0)
        {
            return null;
        }

        _lock.Readers.Pin(slot, published);
        if (_lock.PublishedId != published)
        {
            return null;
        }

        for (var i = 0; i < 2; i++)
        {
            if (ReadSlot(_file, i).Meta is { } meta && meta.Id == published)
            {
                Recovery.CheckFlags(meta, Name);
                return meta;
            }
        }

        // The slot of what is published is not written to before something newer is.
        missing = _lock.PublishedId == published ? published : 0;
        return null;
    }

    /// <summary>
    /// Without a writer the state is recovered in memory, and made sure of by a flush through this process's own
    /// handle.
    /// </summary>
    private Meta? RecoverForReading(int slot, ulong published, uint session)
    {
        if (HasFlushMark && _lock.WriterEndedWhileFlushing)
        {
            throw new DatabaseAccessException(
                $"The last writer of '{Name}' ended while it was flushing, so what the system shows may not be on "
                + "disk. Open it for writing once to recover it.");
        }

        var last = _core.AskLockFile();
        RecoveredState recovered;
        try
        {
            recovered = Recovery.Choose(_file, Name, last);
        }
        catch (DatabaseCorruptException) when (!IsUndisturbed(published, session, last))
        {
            // Read while a writer that had just come wrote it, or compared with what the lock file had said before.
            return null;
        }

        try
        {
            _file.Flush();
        }
        catch (StorageWriteException e)
        {
            throw new DatabaseAccessException($"'{Name}' could not be flushed before reading it: {e.Message}", e);
        }

        _lock.Readers.Pin(slot, recovered.Meta.Id);
        if (!IsUndisturbed(published, session, last))
        {
            return null;
        }

        var isNews = recovered.Report is { } report && report.ToString() != RecoveryReport?.ToString();
        RecoveryReport = recovered.Report;
        if (isNews)
        {
            _core.WhenRejected?.Invoke(recovered.Report!);
        }

        return recovered.Meta;
    }

    /// <summary>
    /// Whether no writer has come since the published id and the session were read, and the one before left nothing
    /// unsettled. One that comes after this has looked at the session sees what was pinned before.
    /// </summary>
    private bool IsUndisturbed(ulong published, uint session, LastSession last) =>
        _lock.IsPrivate
        || (_lock.IsStill(published, session) && !_lock.HasLiveWriter && !HasFlushMark && _core.AskLockFile() == last);

    private void ThrowNothingFound(ulong missing) => throw (missing != 0
        ? (DatabaseException)new DatabaseReplacedException(
            $"{_lock.DescribeWriter()} has published transaction {missing} of '{Name}', and the file that is open here "
            + "does not hold it: it was replaced while it was in use, or is damaged. "
            + "Close the database everywhere and open it again.")
        : new DatabaseBusyException(
            $"The process that writes '{Name}' ({_lock.DescribeWriter()}) is still recovering it. Try again later."));

    /// <summary>
    /// The published state is not in the file that is open here. If it is in the file that the path leads to now, that
    /// is why: an overlay, for one, makes a copy of a file when it is first opened for writing, and whoever had it open
    /// keeps the old one.
    /// </summary>
    private void RequireSameContent(ulong published)
    {
        if (published == 0 || !_lock.HasLiveWriter)
        {
            return;
        }

        try
        {
            using var again = _core.Storage.OpenFile(writable: false);
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
    /// Whether the map shows what reading the file gives. It does not when an overlay has copied the file: new reads
    /// are of the copy then, and maps of the old file, whose end may come sooner. Only blocks that every database has
    /// are looked at, so this look ends well.
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
                return map.Shows(Meta.SlotOffset(slot), block)
                    || (_lock.PublishedId == published ? throw Outdated() : false);
            }
        }

        return false;
    }

    private DatabaseReplacedException Outdated() =>
        new(
            $"The file that is open here as '{Name}' is not the one that is written to: it was replaced by another "
                + "one, or by a copy (overlay file systems make one when a file is first opened for writing). Close "
                + "the database here and open it again.");

    private bool HoldsMeta(IStorageFile file, ulong id) =>
        ReadSlot(file, 0).Meta?.Id == id || ReadSlot(file, 1).Meta?.Id == id;

    private SlotContent ReadSlot(IStorageFile file, int slot) =>
        Recovery.ReadSlot(file, _core.Superblock, slot, Name);
}
