using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Engine.Storage;

/// <summary>Opens, examines and lays out the file behind a <see cref="FileLockRegion"/>.</summary>
internal static unsafe class LockFileOpener
{
    private const string WriterAdvice = "Grant this user the rights to read and write it.";

    private const string ReaderAdvice =
        "Readers write to it so that a writer spares what they read. Grant this user the rights to write it, or, if nobody writes to the database, open it with the option WithoutLock.";

    private const UnixFileMode ReadWriteBits =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Opens the file for reading and writing, and creates it if it is missing.</summary>
    public static SafeFileHandle Open(string path, string databasePath, bool readOnly)
    {
        string advice = readOnly ? ReaderAdvice : WriterAdvice;
        try
        {
            return OperatingSystem.IsWindows() ? OpenWindows(path) : OpenUnix(path, databasePath, advice);
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            throw StorageErrors.Open(path, "cannot be opened for writing", advice, e);
        }
    }

    /// <summary>Tells why the file cannot be used as it is, or null.</summary>
    public static string? FindProblem(SafeFileHandle file, string path)
    {
        byte* header = stackalloc byte[LockLayout.HeaderSize];
        try
        {
            long length = RandomAccess.GetLength(file);
            if (length < LockLayout.Size)
            {
                return length == 0 ? "it is empty" : "it is too short";
            }

            // Bounds: the span has exactly the bytes that were just reserved, and only a full header is looked at.
            return RandomAccess.Read(file, new Span<byte>(header, LockLayout.HeaderSize), 0) < LockLayout.HeaderSize
                ? "it is too short"
                : LockHeader.Problem(header);
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            throw StorageErrors.Read(path, e);
        }
    }

    /// <summary>
    /// Makes a new table of the file. Every byte is written: a store into a hole of a mapped file, on a full disk, would end
    /// the process. The magic comes last, when everything behind it is there.
    /// </summary>
    public static void LayOut(SafeFileHandle file, string path)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(LockLayout.Size);
        fixed (byte* region = bytes)
        {
            // Bounds: the array has Size bytes.
            LockHeader.Initialize(region);
        }

        FileSizeSignal.Acquire();
        try
        {
            RandomAccess.Write(file, stackalloc byte[sizeof(ulong)], LockLayout.MagicOffset);
            RandomAccess.Write(file, bytes.AsSpan(sizeof(ulong)), sizeof(ulong));
            RandomAccess.SetLength(file, LockLayout.Size);
            RandomAccess.Write(file, bytes.AsSpan(0, sizeof(ulong)), LockLayout.MagicOffset);
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            throw StorageErrors.Open(path, "cannot be laid out", WriterAdvice, e);
        }
        finally
        {
            FileSizeSignal.Release();
        }
    }

    private static SafeFileHandle OpenWindows(string path) =>
        File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    // .NET would take a shared lock on the file, which keeps the writer's exclusive one out, and be kept out by that.
    private static SafeFileHandle OpenUnix(string path, string databasePath, string advice)
    {
        while (true)
        {
            int descriptor = Libc.Open(path, Libc.OpenReadWrite | Libc.OpenCloseOnExec);
            if (descriptor >= 0)
            {
                return new SafeFileHandle(descriptor, ownsHandle: true);
            }

            int error = Marshal.GetLastPInvokeError();
            if (error == Errno.ENOENT && Directory.Exists(Path.GetDirectoryName(path)))
            {
                Create(path, databasePath);
            }
            else if (error != Errno.EINTR)
            {
                throw StorageErrors.Open(path, "cannot be opened for writing", advice, error);
            }
        }
    }

    private static void Create(string path, string databasePath)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite);
            if (!OperatingSystem.IsWindows() && File.Exists(databasePath))
            {
                // Whoever may write to the database needs the lock file too, whatever this process masks out. We need it
                // even if the database is write-protected.
                UnixFileMode mode = File.GetUnixFileMode(databasePath) & ReadWriteBits;
                File.SetUnixFileMode(file, mode | UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
        catch (IOException) when (File.Exists(path))
        {
            // Somebody was faster.
        }
    }
}
