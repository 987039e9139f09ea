using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Engine.Storage;

/// <summary>
/// The few system calls that .NET does not offer, or not strictly enough. Each reports its error through
/// <see cref="Marshal.GetLastPInvokeError"/>. Functions with variable arguments are called on Linux only, where they
/// are passed like others.
/// </summary>
internal static unsafe partial class Libc
{
    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;
    public const int LockRelease = 8;

    public const int OpenReadOnly = 0;
    public const int OpenReadWrite = 2;

    public const int CurrentDirectory = -100;
    public const int StatusOfLink = 0x100;
    public const int StatusOfDescriptor = 0x1000;
    public const uint RenameNoReplace = 1;

    public const int AdviseRandom = 1;
    public const int AdviseDontNeed = 4;

    // Linux: begins to write what is dirty, without waiting, and leaves errors to fdatasync.
    public const uint SyncRangeWrite = 2;

    // Linux: brings the pages of a map into memory, and reports what touching them would do; or makes them ready to be
    // stored to, and reports what storing would do.
    public const int PopulateRead = 22;
    public const int PopulateWrite = 23;

    // Linux: locks of a byte range that belong to the open file, not to the process, and fall with its last close.
    public const int QueryRangeLock = 36;
    public const int SetRangeLock = 37;
    public const short RangeShared = 0;
    public const short RangeExclusive = 1;
    public const short RangeUnlock = 2;

    /// <summary>A process that is started meanwhile must not inherit the file, and with it the locks.</summary>
    public static int OpenCloseOnExec { get; } =
        OperatingSystem.IsLinux() ? 0x80000 : OperatingSystem.IsFreeBSD() ? 0x100000 : 0x1000000;

    /// <summary>What is opened is the file of this name itself, never one that a symbolic link leads to.</summary>
    public static int OpenNoFollow { get; } =
        !OperatingSystem.IsLinux() ? 0x100
        : RuntimeInformation.ProcessArchitecture
            is Architecture.Arm or Architecture.Arm64 or Architecture.Armv6 or Architecture.Ppc64le ? 0x8000
        : 0x20000;

    /// <summary>Opening waits for nobody, should it be a pipe after all.</summary>
    public static int OpenNonBlocking { get; } = OperatingSystem.IsLinux() ? 0x800 : 4;

    /// <summary>Whether the system writes several pieces of memory at once, and offsets have 64 bits.</summary>
    public static bool HasGatheringWrite { get; } = OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    // Without O_CREAT there is no third argument, so that the variable arguments of open() do not matter.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    /// <summary>Asks for the disposition of a signal.</summary>
    [LibraryImport("libc", EntryPoint = "sigaction", SetLastError = true)]
    public static partial int SignalAction(int signal, void* action, void* former);

    [LibraryImport("libc", EntryPoint = "signal")]
    public static partial nint Signal(int signal, nint disposition);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Flock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int FcntlRange(SafeFileHandle file, int command, RangeLock* range);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int Fdatasync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Fsync(SafeFileHandle file);

    /// <summary>
    /// Called for each page of a commit: the caller holds the handle, and finds errors by writing again.
    /// </summary>
    [LibraryImport("libc", EntryPoint = "pwritev")]
    public static partial nint WriteGathering(int file, MemoryPiece* pieces, int count, long offset);

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    public static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);

    /// <summary>Returns the error instead of setting it.</summary>
    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    public static partial int Advise(SafeFileHandle file, long offset, long length, int advice);

    /// <summary>Returns the error instead of setting it.</summary>
    [LibraryImport("libc", EntryPoint = "posix_madvise")]
    public static partial int AdviseMap(byte* address, nuint length, int advice);

    // The call of the system itself: the one of POSIX knows only the advice of POSIX.
    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    public static partial int AdvisePopulate(byte* address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Ioctl(SafeFileHandle file, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    public static partial int Fallocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statx(int directory, string path, int flags, uint mask, byte* result);

    [LibraryImport("libc", EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statfs(string path, byte* result);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(int fromDirectory, string from, int toDirectory, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Link(string from, string to);

    /// <summary><c>struct flock</c> of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct RangeLock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int ProcessId;
    }
}
