using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Engine.Storage;

/// <summary>
/// The system's locks on one open file. They belong to the open file, so that two opens conflict also within one
/// process, and fall when the process dies. They are advisory: .NET's own shared lock on a handle would conflict with
/// the file lock, so files that are locked whole are opened without it.
/// </summary>
/// <remarks>
/// A mapping keeps the open file alive after its handle is closed, and its locks with it: whoever closes must unlock.
/// </remarks>
internal sealed unsafe class FileLocks(SafeFileHandle file, string name)
{
    // Windows locks ranges only, and these are mandatory: far behind everything that is read or written.
    private const long WholeFile = long.MaxValue - 1;

    /// <summary>Whether this system has range locks. A file system may lack them all the same.</summary>
    private static readonly bool SystemHasRanges =
        OperatingSystem.IsWindows() || (OperatingSystem.IsLinux() && Environment.Is64BitProcess);

    /// <summary>Takes the exclusive lock of the whole file unless another open has it.</summary>
    /// <exception cref="DatabaseAccessException">The file system has no such locks.</exception>
    public bool TryLockFile()
    {
        if (OperatingSystem.IsWindows())
        {
            return TryLockRange(WholeFile, exclusive: true)
                ?? throw new DatabaseAccessException($"The file system of {name} has no file locks.");
        }

        while (Libc.Flock(file, Libc.LockExclusive | Libc.LockNonBlocking) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error == Errno.EAGAIN)
            {
                return false;
            }

            if (error != Errno.EINTR)
            {
                throw new DatabaseAccessException(
                    $"{name} cannot be locked: {Errno.Describe(error)}. The database must be on a local file system "
                    + "with file locks.");
            }
        }

        return true;
    }

    /// <summary>Gives the lock of the whole file back.</summary>
    public void UnlockFile()
    {
        if (OperatingSystem.IsWindows())
        {
            UnlockRange(WholeFile);
        }
        else
        {
            // Cannot fail on an open file; should it, the lock falls with the file.
            _ = Libc.Flock(file, Libc.LockRelease);
        }
    }

    /// <summary>
    /// Locks one byte, or changes our lock of it; false if another open's lock forbids it, null if there are no such
    /// locks.
    /// </summary>
    public bool? TryLockRange(long offset, bool exclusive) => TryLockRange(offset, exclusive, length: 1);

    /// <summary>Gives our lock of a byte back.</summary>
    public void UnlockRange(long offset) => UnlockRange(offset, length: 1);

    private bool? TryLockRange(long offset, bool exclusive, long length)
    {
        if (!SystemHasRanges)
        {
            return null;
        }

        if (OperatingSystem.IsWindows())
        {
            NativeOverlapped place = At(offset);
            uint flags = Kernel32.FailImmediately | (exclusive ? Kernel32.Exclusive : 0);
            return Kernel32.LockFileEx(file, flags, 0, (uint)length, (uint)(length >> 32), &place) ? true
                : Marshal.GetLastPInvokeError() is Kernel32.ErrorLockViolation or Kernel32.ErrorIoPending ? false
                : null;
        }

        return Fcntl(Libc.SetRangeLock, offset, exclusive ? Libc.RangeExclusive : Libc.RangeShared, out _, length);
    }

    private void UnlockRange(long offset, long length)
    {
        if (OperatingSystem.IsWindows())
        {
            NativeOverlapped place = At(offset);
            _ = Kernel32.UnlockFileEx(file, 0, (uint)length, (uint)(length >> 32), &place);
        }
        else if (SystemHasRanges)
        {
            _ = Fcntl(Libc.SetRangeLock, offset, Libc.RangeUnlock, out _, length);
        }
    }

    /// <summary>Gives everything back.</summary>
    public void UnlockAll()
    {
        if (OperatingSystem.IsWindows())
        {
            // The locks fall when the handle is closed, whatever is still mapped.
            return;
        }

        UnlockFile();
        if (SystemHasRanges)
        {
            // From the first byte, and length 0: up to the last.
            _ = Fcntl(Libc.SetRangeLock, 0, Libc.RangeUnlock, out _, length: 0);
        }
    }

    /// <summary>
    /// Tells whether another open has a byte locked, or one of several, without disturbing anybody; null if there are
    /// no such locks.
    /// </summary>
    /// <param name="offset">The first byte.</param>
    /// <param name="length">How many; we have none of them locked ourselves.</param>
    public bool? IsRangeLockedByOther(long offset, long length = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (OperatingSystem.IsWindows())
        {
            // Windows has no query. Whoever wants the lock in this instant tries again.
            bool? taken = TryLockRange(offset, exclusive: true, length);
            if (taken == true)
            {
                UnlockRange(offset, length);
            }

            return !taken;
        }

        bool? answered = SystemHasRanges
            ? Fcntl(Libc.QueryRangeLock, offset, Libc.RangeExclusive, out Libc.RangeLock found, length)
            : Nothing(out found);
        return answered == true ? found.Type != Libc.RangeUnlock : null;
    }

    private static bool? Nothing(out Libc.RangeLock found)
    {
        found = default;
        return null;
    }

    private bool? Fcntl(int command, long offset, short type, out Libc.RangeLock range, long length = 1)
    {
        var wanted = new Libc.RangeLock { Type = type, Start = offset, Length = length };
        while (Libc.FcntlRange(file, command, &wanted) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != Errno.EINTR)
            {
                range = wanted;
                return error == Errno.EAGAIN || error == Errno.EACCES ? false : null;
            }
        }

        range = wanted;
        return true;
    }

    [SupportedOSPlatform("windows")]
    private static NativeOverlapped At(long offset) =>
        new() { OffsetLow = (int)offset, OffsetHigh = (int)(offset >> 32) };
}
