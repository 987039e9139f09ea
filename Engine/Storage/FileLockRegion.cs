using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Engine.Storage;

/// <summary>A lock file of the operating system, mapped read-write.</summary>
internal sealed unsafe class FileLockRegion : LockRegion
{
    // Bytes behind the end of the file that stand for something while they are locked: "somebody sweeps", "somebody
    // relies on the layout" (shared by all who have it open, exclusive while it is laid out), and one per process
    // entry.
    private const long SweeperOffset = PresenceOffset - 1;
    private const long PresenceOffset = 1L << 40;
    private const long EntriesOffset = PresenceOffset + 1;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SafeFileHandle _file;
    private readonly FileLocks _locks;
    private readonly MappedView _view;
    private bool _closed;
    private bool _keepsMemory;

    private FileLockRegion(SafeFileHandle file, FileLocks locks, bool hasRangeLocks, string name)
    {
        _file = file;
        _locks = locks;
        EntriesAreLocked = hasRangeLocks;
        Name = name;
        Key = KeyOf(file);
        _view = new MappedView(file, LockLayout.Size, MemoryMappedFileAccess.ReadWrite);
    }

    // Nobody can reach the memory any more: neither who leaked a reader, nor who was about to claim a slot when the
    // database was closed.
    ~FileLockRegion()
    {
        if (_keepsMemory)
        {
            _view.Dispose();
            GC.RemoveMemoryPressure(LockLayout.Size);
        }
    }

    public override string Name { get; }

    public override byte* Address => _view.Address;

    public override ProcessIdentity Self => ProcessProbe.Current;

    public override long Key { get; }

    public override bool EntriesAreLocked { get; }

    /// <summary>
    /// Opens a lock file, creates it if it is missing, and lays it out if nobody uses it and it is unusable, or about
    /// another file than the database or another start of the machine.
    /// </summary>
    /// <param name="path">The lock file.</param>
    /// <param name="databasePath">The database, whose users must be able to write the lock file.</param>
    /// <param name="readOnly">What the database is opened for, which decides what messages advise.</param>
    /// <exception cref="DatabaseAccessException">It cannot be written, or not be locked.</exception>
    /// <exception cref="DatabaseFormatException">
    /// It is unusable, and somebody uses it; or it is none of ours.
    /// </exception>
    public static FileLockRegion Open(string path, string databasePath, bool readOnly)
    {
        long start = Stopwatch.GetTimestamp();
        SafeFileHandle file = LockFileOpener.Open(path, databasePath, readOnly);
        try
        {
            var locks = new FileLocks(file, path);
            bool mayRenew = true;
            while (true)
            {
                // Shown first and looked at afterwards: from here on nobody lays it out.
                bool? present = locks.TryLockRange(PresenceOffset, exclusive: false);
                LockFileContent content = present == false
                    ? new("another process is laying it out")
                    : LockFileContent.Of(file, path, DatabaseIdentity.Of(databasePath));
                if (content.Problem is null && !(content.IsStale && mayRenew))
                {
                    return Map(file, locks, present == true, path, readOnly);
                }

                string? problem = content.Problem;
                if (present != false)
                {
                    locks.UnlockRange(PresenceOffset);
                    problem = LayOut(file, locks, path, databasePath) ?? problem;

                    // If others rely on what it holds, it stays, and whoever opens the database has to see what that
                    // means.
                    mayRenew = false;
                }

                if (problem is not null && Stopwatch.GetElapsedTime(start) > Patience)
                {
                    throw new DatabaseFormatException(
                        $"{path} is unusable ({problem}), and another process has it open. Close the database "
                        + "everywhere, then open it again.");
                }

                if (problem is not null)
                {
                    Thread.Sleep(1);
                }
            }
        }
        catch (Exception e)
        {
            file.Dispose();
            if (e is OutOfMemoryException || StorageErrors.IsFileFailure(e))
            {
                throw new DatabaseException(
                    $"{path} could not be mapped: {e.Message} Check the limits of the address space and of the number "
                    + "of mappings.",
                    e);
            }

            throw;
        }
    }

    public override Guid BootId => BootIdentity.Current;

    // Stores through the map are writes to the file's cache, which fdatasync flushes on Linux. Elsewhere the view must
    // be told first.
    public override void Flush()
    {
        if (OperatingSystem.IsLinux())
        {
            FlushLinux();
            return;
        }

        try
        {
            _view.Flush();
            RandomAccess.FlushToDisk(_file);
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            throw StorageErrors.Flush(Name, e);
        }
    }

    public override bool TryLockWriter() => _locks.TryLockFile();

    public override void UnlockWriter() => _locks.UnlockFile();

    public override bool TryLockEntry(int index) =>
        _locks.TryLockRange(EntriesOffset + index, exclusive: true) != false;

    public override void UnlockEntry(int index) => _locks.UnlockRange(EntriesOffset + index);

    // A lock that cannot be had for another reason than that somebody has it (the kernel's table of locks is full) is
    // not had.
    public override bool? TryLockSweeper() =>
        EntriesAreLocked ? _locks.TryLockRange(SweeperOffset, exclusive: true) == true : null;

    public override void UnlockSweeper() => _locks.UnlockRange(SweeperOffset);

    public override ProcessLiveness Probe(int index, ProcessEntry entry)
    {
        // The system's word comes first: it holds across pid namespaces, and a process cannot outlive its locks or die
        // before them. An entry that promises no lock is judged by its number and start time.
        bool? locked = EntriesAreLocked ? _locks.IsRangeLockedByOther(EntriesOffset + index) : null;
        if (locked == true)
        {
            return ProcessLiveness.Alive;
        }

        return locked == false && entry.KeepsLock
            ? ProcessLiveness.Dead
            : ProcessProbe.Probe(entry.Identity, entry.IsReady);
    }

    public override bool HasEnded(ProcessIdentity identity) =>
        ProcessProbe.Probe(identity, startIsKnown: true) == ProcessLiveness.Dead;

    public override void Close(bool keepMemory)
    {
        if (_closed)
        {
            return;
        }

        _closed = true;

        // Explicitly, because a mapping keeps the open file and its locks alive.
        _locks.UnlockAll();
        if (keepMemory)
        {
            // The collector shall know what it holds by leaving this object alone.
            GC.AddMemoryPressure(LockLayout.Size);
            _keepsMemory = true;
        }
        else
        {
            _view.Dispose();
        }

        _file.Dispose();
    }

    private static FileLockRegion Map(
        SafeFileHandle file, FileLocks locks, bool hasRangeLocks, string path, bool readOnly)
    {
        var region = new FileLockRegion(file, locks, hasRangeLocks, path);
        try
        {
            CopyOnWrite.PrepareStores(file, path, region.Address, LockLayout.Size, LockFileOpener.Advice(readOnly));
            return region;
        }
        catch
        {
            region.Dispose();
            throw;
        }
    }

    private void FlushLinux()
    {
        while (Libc.Fdatasync(_file) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != Errno.EINTR)
            {
                throw StorageErrors.Flush(Name, error);
            }
        }
    }

    /// <summary>
    /// Lays the file out if nobody relies on what it holds. Returns what forbids it, or null if another look is
    /// worthwhile.
    /// </summary>
    private static string? LayOut(SafeFileHandle file, FileLocks locks, string path, string databasePath)
    {
        if (!locks.TryLockFile())
        {
            return null;
        }

        try
        {
            FileIdentity? database = DatabaseIdentity.Of(databasePath);
            LockFileContent content = LockFileContent.Of(file, path, database);
            if (content is { Problem: null, IsStale: false } or { IsForeign: true })
            {
                return content.Problem;
            }

            bool? alone = locks.TryLockRange(PresenceOffset, exclusive: true);
            if (alone == false)
            {
                return content.Problem;
            }

            try
            {
                // Without range locks nobody can say who relies on a file that holds something.
                if (alone is null && RandomAccess.GetLength(file) != 0)
                {
                    return content.Problem is null
                        ? null
                        : throw new DatabaseFormatException(
                            $"{path} is unusable ({content.Problem}). Close the database everywhere, delete this file, "
                            + "and open it again.");
                }

                LockFileOpener.LayOut(file, path, database);
                return null;
            }
            finally
            {
                locks.UnlockRange(PresenceOffset);
            }
        }
        finally
        {
            locks.UnlockFile();
        }
    }

    // Not 0, which stands for having no lock file. The numbers are spread over all keys, so that two lock files have
    // the same key once in 2^60 times.
    private static long KeyOf(SafeFileHandle file)
    {
        FileIdentity identity = FileStatus.TryGet(file, out FileStatus status) ? status.Identity : default;
        UInt128 product = (UInt128)(identity.Inode + 1) * 0x9E3779B97F4A7C15 * (identity.Device | 1);
        ulong mixed = (ulong)product ^ (ulong)(product >> 64) ^ identity.Device;
        return 1 + (long)(mixed % (FileClaims.KeyCount - 1));
    }
}
