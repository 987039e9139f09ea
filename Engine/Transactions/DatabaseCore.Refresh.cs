using System.Runtime.CompilerServices;
using Engine.Pages;
using Engine.Storage;

namespace Engine.Transactions;

/// <content>
/// The newest durable state for a database that is open read-only. Each look is taken under a lock, because the state
/// and the maps are everybody's; between looks nobody waits under one, so however many wait for a writer that is still
/// recovering, they wait at the same time.
/// </content>
internal sealed partial class DatabaseCore
{
    /// <summary>
    /// So many looks follow each other at once: a writer that commits without pause moves on meanwhile.
    /// </summary>
    private const int LooksAtOnce = 10;

    private readonly Lock _refreshing = new();

    private void LoadForReading()
    {
        // A slot of our own pins what is being looked at until the first state stands.
        var slot = _lock.Readers.Claim();
        try
        {
            Refresh(slot);
        }
        finally
        {
            _lock.Readers.Release(slot);
        }
    }

    /// <summary>
    /// Makes the newest durable state the published one, unless it is. The slot is the caller's; what it pins
    /// afterwards means nothing.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refresh(int slot)
    {
        var start = Environment.TickCount64;
        for (var look = 0; ; look++)
        {
            ThrowIfDisposed();
            _lock.RequireWritersFile(_file, Name);
            ulong missing;
            lock (_refreshing)
            {
                ThrowIfDisposed();
                if ((_published is { } state && _lock.IsStill(state.SeenId, state.SeenSession))
                    || TryRefresh(slot, out missing))
                {
                    return;
                }
            }

            if (missing != 0)
            {
                RequireSameContent(missing);
            }

            if (Environment.TickCount64 - start > (long)_options.RecoveryPatience.TotalMilliseconds)
            {
                ThrowNothingFound(missing);
            }

            if (look >= LooksAtOnce)
            {
                Thread.Sleep(Math.Min(look - LooksAtOnce + 1, 16));
            }
        }
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
        var map = _maps.Covering((long)meta.PageCount * PageSize);
        if (map.Length < (long)meta.PageCount * PageSize || !MapShows(map, meta.Id, seen))
        {
            return false;
        }

        _verified.Ensure(meta.PageCount);
        _maps.Use(map, meta.Id);
        Volatile.Write(ref _published, PublishedState.From(meta, map, meta.Id, seen, session));
        ReleaseMaps();
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
            if (Recovery.ReadSlot(_file, _superblock, i, Name).Meta is { } meta && meta.Id == published)
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

        var last = AskLockFile();
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

        RecoveryReport = recovered.Report;
        return recovered.Meta;
    }

    /// <summary>
    /// Whether no writer has come since the published id and the session were read, and the one before left nothing
    /// unsettled. One that comes after this has looked at the session sees what was pinned before.
    /// </summary>
    private bool IsUndisturbed(ulong published, uint session, LastSession last) =>
        _lock.IsPrivate
        || (_lock.IsStill(published, session) && !_lock.HasLiveWriter && !HasFlushMark && AskLockFile() == last);

    private void ThrowNothingFound(ulong missing) => throw (missing != 0
        ? (DatabaseException)new DatabaseReplacedException(
            $"{_lock.DescribeWriter()} has published transaction {missing} of '{Name}', and the file that is open here "
            + "does not hold it: it was replaced while it was in use, or is damaged. "
            + "Close the database everywhere and open it again.")
        : new DatabaseBusyException(
            $"The process that writes '{Name}' ({_lock.DescribeWriter()}) is still recovering it. Try again later."));

    /// <summary>Unmaps the generations that no state pinned here uses.</summary>
    private void ReleaseMaps()
    {
        if (_maps.HasOlder)
        {
            while (true)
            {
                var count = _lock.Readers.CollectOwnPins(_pins);
                if (count < _pins.Length)
                {
                    _pins[count] = _published.Id;
                    _maps.ReleaseUnpinned(_pins.AsSpan(0, count + 1));
                    return;
                }

                _pins = new ulong[(count * 2) + 2];
            }
        }
    }
}
