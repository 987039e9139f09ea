using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Engine.Storage;

/// <summary>A lock file of the operating system, mapped read-write.</summary>
internal sealed unsafe class FileLockRegion : LockRegion
{
    // Bytes behind the end of the file that stand for something while they are locked: "somebody relies on the layout"
    // (shared by all who have it open, exclusive while it is laid out), and one per process entry.
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
        _view = new MappedView(file, LockLayout.Size, MemoryMappedFileAccess.ReadWrite);
    }

    // Nobody can reach the memory any more: neither who leaked a reader, nor who was about to claim a slot when the database was closed.
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

    public override bool EntriesAreLocked { get; }

    /// <summary>Opens a lock file, creates it if it is missing, and lays it out if it is unusable and nobody uses it.</summary>
    /// <param name="path">The lock file.</param>
    /// <param name="databasePath">The database, whose users must be able to write the lock file.</param>
    /// <param name="readOnly">What the database is opened for, which decides what messages advise.</param>
    /// <exception cref="DatabaseAccessException">It cannot be written, or not be locked.</exception>
    /// <exception cref="DatabaseFormatException">It is unusable, and somebody uses it.</exception>
    public static FileLockRegion Open(string path, string databasePath, bool readOnly)
    {
        long start = Stopwatch.GetTimestamp();
        SafeFileHandle file = LockFileOpener.Open(path, databasePath, readOnly);
        try
        {
            var locks = new FileLocks(file, path);
            while (true)
            {
                // Shown first and looked at afterwards: from here on nobody lays it out.
                bool? present = locks.TryLockRange(PresenceOffset, exclusive: false);
                string? problem = present == false ? "another process is laying it out" : LockFileOpener.FindProblem(file, path);
                if (problem is null)
                {
                    return new FileLockRegion(file, locks, present == true, path);
                }

                if (present != false)
                {
                    locks.UnlockRange(PresenceOffset);
                    problem = LayOut(file, locks, path) ?? problem;
                }

                if (Stopwatch.GetElapsedTime(start) > Patience)
                {
                    throw new DatabaseFormatException(
                        $"{path} is unusable ({problem}), and another process has it open. Close the database everywhere, then open it again.");
                }

                Thread.Sleep(1);
            }
        }
        catch (Exception e)
        {
            file.Dispose();
            if (e is OutOfMemoryException || StorageErrors.IsFileFailure(e))
            {
                throw new DatabaseException($"{path} could not be mapped: {e.Message} Check the limits of the address space and of the number of mappings.", e);
            }

            throw;
        }
    }

    public override bool TryLockWriter() => _locks.TryLockFile();

    public override void UnlockWriter() => _locks.UnlockFile();

    public override bool TryLockEntry(int index) => _locks.TryLockRange(EntriesOffset + index, exclusive: true) != false;

    public override void UnlockEntry(int index) => _locks.UnlockRange(EntriesOffset + index);

    public override ProcessLiveness Probe(int index, ProcessIdentity identity, uint state)
    {
        // The system's word comes first: it holds across pid namespaces, and a process cannot outlive its locks or die
        // before them. An entry that promises no lock is judged by its number and start time.
        bool? locked = EntriesAreLocked ? _locks.IsRangeLockedByOther(EntriesOffset + index) : null;
        if (locked == true)
        {
            return ProcessLiveness.Alive;
        }

        return locked == false && (state & LockLayout.StateKeepsLock) != 0
            ? ProcessLiveness.Dead
            : ProcessProbe.Probe(identity, (state & LockLayout.StateReady) != 0);
    }

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

    /// <summary>Lays the file out if nobody relies on what it holds. Returns what forbids it, or null if another look is worthwhile.</summary>
    private static string? LayOut(SafeFileHandle file, FileLocks locks, string path)
    {
        if (!locks.TryLockFile())
        {
            return null;
        }

        try
        {
            string? problem = LockFileOpener.FindProblem(file, path);
            if (problem is null)
            {
                return null;
            }

            bool? alone = locks.TryLockRange(PresenceOffset, exclusive: true);
            if (alone == false)
            {
                return problem;
            }

            try
            {
                // Without range locks nobody can say who relies on a file that holds something.
                if (alone is null && RandomAccess.GetLength(file) != 0)
                {
                    throw new DatabaseFormatException($"{path} is unusable ({problem}). Close the database everywhere, delete this file, and open it again.");
                }

                LockFileOpener.LayOut(file, path);
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
}
