using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Engine.Storage;

/// <summary>Opens, examines and lays out the file behind a <see cref="FileLockRegion"/>.</summary>
internal static unsafe class LockFileOpener
{
    private const string WriterAdvice = "Grant this user the rights to read and write it.";

    private const string ReaderAdvice =
        "Readers write to it so that a writer spares what they read. Grant this user the rights to write it, or, if "
        + "nobody writes to the database, open it with the option WithoutLock.";

    private const UnixFileMode ReadWriteBits =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>
    /// Opens the file for reading and writing, and creates it if it is missing. What is not a regular file is not even
    /// opened.
    /// </summary>
    /// <exception cref="DatabaseFormatException">Something of somebody else has its name.</exception>
    public static SafeFileHandle Open(string path, string databasePath, bool readOnly)
    {
        string advice = Advice(readOnly);
        SafeFileHandle? file = null;
        try
        {
            RefuseForeignKind(path, databasePath, readOnly);
            file = OperatingSystem.IsWindows() ? OpenWindows(path) : OpenUnix(path, databasePath, readOnly, advice);
            if (FileStatus.TryGet(file, out FileStatus status) && status.Kind != FileKind.Regular)
            {
                throw Foreign(path, databasePath, readOnly, Describe(status.Kind));
            }

            LockFileContent content = LockFileContent.Of(file, path, database: default(FileIdentity));
            return content.IsForeign ? throw Foreign(path, databasePath, readOnly, content.Problem!) : file;
        }
        catch (Exception e)
        {
            file?.Dispose();
            if (StorageErrors.IsFileFailure(e))
            {
                throw StorageErrors.Open(path, "cannot be opened for writing", advice, e);
            }

            throw;
        }
    }

    /// <summary>What helps if the rights to the lock file are missing.</summary>
    public static string Advice(bool readOnly) => readOnly ? ReaderAdvice : WriterAdvice;

    /// <summary>
    /// Makes a new table of the file. Every byte is written: a store into a hole of a mapped file, on a full disk,
    /// would end the process. The magic comes first: what a death in between leaves is then known as ours, and as
    /// unfinished, because the version comes last.
    /// </summary>
    /// <param name="file">The file, which nobody else relies on.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="database">The database that it is about; null if there is none yet.</param>
    public static void LayOut(SafeFileHandle file, string path, FileIdentity? database)
    {
        const int VersionSize = sizeof(uint);
        byte[] bytes = GC.AllocateUninitializedArray<byte>(LockLayout.Size);
        byte[] before = new byte[LockLayout.HeaderSize];
        FileSizeSignal.Ignore();
        try
        {
            _ = RandomAccess.Read(file, before, 0);
            fixed (byte* region = bytes, old = before)
            {
                // Bounds: the arrays have Size and HeaderSize bytes.
                LockHeader.Initialize(region);
                LockSubject.Write(region, database ?? default);
                bool isOfThisFile = LockHeader.Problem(old) is null && LockSubject.Read(old).IsKnown
                    && database is { } known && LockSubject.MayBe(old, known);
                if (isOfThisFile)
                {
                    LockSubject.KeepHowItWasClosed(old, region);
                }

                // Of an earlier version it is not known which file it is about; a warning too many does no harm.
                LockHeader.KeepFlushMarkOfEarlierVersion(old, region);
            }

            CopyOnWrite.SwitchOff(file);

            Span<byte> version = bytes.AsSpan(LockLayout.VersionOffset, VersionSize);
            byte[] last = version.ToArray();
            version.Clear();
            RandomAccess.Write(file, bytes.AsSpan(0, LockLayout.HeaderSize), 0);
            RandomAccess.Write(file, bytes.AsSpan(LockLayout.HeaderSize), LockLayout.HeaderSize);
            RandomAccess.SetLength(file, LockLayout.Size);
            RandomAccess.Write(file, last, LockLayout.VersionOffset);
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            throw StorageErrors.Open(path, "cannot be laid out", WriterAdvice, e);
        }
    }

    private static SafeFileHandle OpenWindows(string path) =>
        File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    // .NET would take a shared lock on the file, which keeps the writer's exclusive one out, and be kept out by that.
    private static SafeFileHandle OpenUnix(string path, string databasePath, bool readOnly, string advice)
    {
        while (true)
        {
            // Between the look at the kind and this, anything may have come to be there: no link is followed, no pipe
            // waited for.
            int descriptor = Libc.Open(
                path, Libc.OpenReadWrite | Libc.OpenCloseOnExec | Libc.OpenNoFollow | Libc.OpenNonBlocking);
            if (descriptor >= 0)
            {
                return new SafeFileHandle(descriptor, ownsHandle: true);
            }

            int error = Marshal.GetLastPInvokeError();
            if (error == Errno.ENOENT && Directory.Exists(Path.GetDirectoryName(path)))
            {
                Create(path, databasePath);
                RefuseForeignKind(path, databasePath, readOnly);
            }
            else if (error != Errno.EINTR)
            {
                RefuseForeignKind(path, databasePath, readOnly);
                throw StorageErrors.Open(path, "cannot be opened for writing", advice, error);
            }
        }
    }

    private static void Create(string path, string databasePath)
    {
        try
        {
            using SafeFileHandle file =
                File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite);
            if (!OperatingSystem.IsWindows() && File.Exists(databasePath))
            {
                // Whoever may write to the database needs the lock file too, whatever this process masks out. We need
                // it even if the database is write-protected.
                UnixFileMode mode = File.GetUnixFileMode(databasePath) & ReadWriteBits;
                File.SetUnixFileMode(file, mode | UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
        catch (IOException) when (FileStatus.TryGet(path, followLinks: false, out _, out _))
        {
            // Somebody was faster.
        }
    }

    // Opening a device may do something, opening a pipe lets those go on who wait at its other end, and a link leads to
    // somebody else's file.
    private static void RefuseForeignKind(string path, string databasePath, bool readOnly)
    {
        if (FileStatus.TryGet(path, followLinks: false, out FileStatus status, out _)
            && status.Kind is FileKind.Link or FileKind.Special)
        {
            throw Foreign(path, databasePath, readOnly, Describe(status.Kind));
        }
    }

    private static string Describe(FileKind kind) => kind switch
    {
        FileKind.Link => "a symbolic link",
        FileKind.Directory => "a directory",
        _ => "a pipe, a device or a socket",
    };

    private static DatabaseFormatException Foreign(string path, string databasePath, bool readOnly, string what)
    {
        string without = readOnly ? ", or, if nobody writes to the database, open it with the option WithoutLock" : "";
        return new DatabaseFormatException(
            $"{path} is {what}. It belongs to something else and was not changed, but the lock file of {databasePath} "
            + $"would have that name. Move it away, or give the database another name{without}.");
    }
}
