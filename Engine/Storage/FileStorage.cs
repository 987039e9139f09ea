using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Engine.Storage;

/// <summary>
/// A database at a path of the file system. Its lock file is <c>PATH-lock</c>, a database in the making
/// <c>PATH-new-RANDOM</c>. What else lies at these names is left alone.
/// </summary>
internal sealed class FileStorage : IStorage
{
    private const string GrantAdvice =
        "Grant this user the rights to read and write it, or open the database with the option ReadOnly.";
    private const string ReadAdvice = "Grant this user the right to read it.";
    private const string CreateAdvice = "Grant this user the right to write to the directory.";

    private readonly bool _withoutLock;
    private readonly bool _readAhead;
    private readonly bool _guarded;
    private string? _temporaryName;

    /// <param name="path">
    /// The database file. If it is a symbolic link, its target is meant, so that everybody finds the same lock file and
    /// the link survives.
    /// </param>
    /// <param name="withoutLock">
    /// Do without the lock file. Only for reading, and safe only if nobody writes.
    /// </param>
    /// <param name="readAhead">Whether a page that is not in memory may bring its neighbours along.</param>
    /// <param name="guarded">
    /// Whether what cannot be read through a map is an error instead of the end of the process.
    /// </param>
    public FileStorage(string path, bool withoutLock = false, bool readAhead = true, bool guarded = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = System.IO.Path.GetFullPath(path);
        if (System.IO.Path.EndsInDirectorySeparator(full))
        {
            throw new DatabaseAccessException($"{path} names a directory. Give the path of a file.");
        }

        Name = FollowLinks(full);
        _withoutLock = withoutLock;
        _readAhead = readAhead;
        _guarded = guarded;
    }

    /// <summary>The full path of the database file, behind symbolic links.</summary>
    public string Name { get; }

    public bool WouldMakeLockFile =>
        !_withoutLock && !FileStatus.TryGet(LockName, followLinks: false, out _, out int error)
        && error == Errno.ENOENT;

    private string LockName => Name + "-lock";

    public bool Exists(out long length)
    {
        length = 0;
        try
        {
            if ((File.GetAttributes(Name) & FileAttributes.Directory) != 0)
            {
                throw new DatabaseAccessException($"{Name} is a directory. Give the path of a file.");
            }

            length = new FileInfo(Name).Length;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            throw StorageErrors.Open(
                Name, "cannot be examined", "Grant this user the right to search the directory.", e);
        }

        RefuseSpecial();
        return true;
    }

    public IStorageFile OpenFile(bool writable)
    {
        RefuseSpecial();
        SafeFileHandle? handle = null;
        FileStorageFile? file = null;
        try
        {
            handle = File.OpenHandle(
                Name,
                FileMode.Open,
                writable ? FileAccess.ReadWrite : FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete);
            file = new FileStorageFile(handle, Name, writable, _readAhead, _guarded);
            return file;
        }
        catch (Exception e)
        {
            file?.Dispose();
            handle?.Dispose();
            if (StorageErrors.IsFileFailure(e))
            {
                throw StorageErrors.Open(
                    Name,
                    writable ? "cannot be opened for writing" : "cannot be opened for reading",
                    writable ? GrantAdvice : ReadAdvice,
                    e);
            }

            throw;
        }
    }

    public IStorageFile CreateTemporary()
    {
        string name = MakeTemporaryName();
        try
        {
            // Made anew, never truncated: whatever is there under this name, a link for one, is not ours.
            SafeFileHandle handle = File.OpenHandle(
                name,
                FileMode.CreateNew,
                FileAccess.ReadWrite,
                FileShare.ReadWrite | FileShare.Delete);
            _temporaryName = name;
            return new FileStorageFile(handle, name, writable: true, _readAhead, _guarded);
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            throw StorageErrors.Open(name, "cannot be created", CreateAdvice, e);
        }
    }

    public void RenameTemporary()
    {
        RefuseSpecial();
        string from = _temporaryName ?? throw new InvalidOperationException("There is no temporary file to rename.");
        try
        {
            if (!ExclusiveRename.TryMove(from, Name))
            {
                throw new DatabaseBusyException(
                    $"Something came to be at {Name} while a database was being made there. It was not changed. Look "
                    + "at what it is, then try again.");
            }

            _temporaryName = null;
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            throw StorageErrors.Open(Name, $"cannot be given to {from}", CreateAdvice, e);
        }
    }

    public void DeleteTemporary()
    {
        if (_temporaryName is not { } name)
        {
            return;
        }

        _temporaryName = null;
        try
        {
            File.Delete(name);
        }
        catch (DirectoryNotFoundException)
        {
            // Then it is not there either.
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            throw StorageErrors.Open(name, "cannot be removed", CreateAdvice, e);
        }
    }

    public void FlushDirectory()
    {
        if (OperatingSystem.IsWindows())
        {
            // NTFS journals names; there is nothing to flush a directory with.
            return;
        }

        string directory = System.IO.Path.GetDirectoryName(Name)!;
        int descriptor = Libc.Open(directory, Libc.OpenReadOnly | Libc.OpenCloseOnExec);
        if (descriptor < 0)
        {
            string reason = Errno.Describe(Marshal.GetLastPInvokeError());
            throw new DatabaseAccessException(
                $"The directory {directory} cannot be opened to make a new name durable: {reason}. Grant this user the "
                + "right to read it.");
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        while (Libc.Fsync(handle) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error == Errno.EINVAL || error == Errno.ENOTSUP)
            {
                // This file system knows no flush of directories: names are durable with their files, or never.
                return;
            }

            if (error != Errno.EINTR)
            {
                throw StorageErrors.Flush(directory, error);
            }
        }
    }

    public LockFile OpenLockFile(bool readOnly)
    {
        if (!_withoutLock)
        {
            LockFileUse use = readOnly ? LockFileUse.Reading : LockFileUse.Writing;
            return new LockFile(FileLockRegion.Open(LockName, Name, readOnly), use);
        }

        return readOnly
            ? LockFile.Private()
            : throw new InvalidOperationException("A database can be opened without its lock file for reading only.");
    }

    /// <summary>
    /// Opens the lock file to look at it and to sweep, without an entry in the process table: also when that is full.
    /// What is read of the database meanwhile is not pinned.
    /// </summary>
    public LockFile WatchLockFile() => new(FileLockRegion.Open(LockName, Name, readOnly: true), LockFileUse.Watching);

    public void Dispose()
    {
        // Files and lock files are disposed by who opened them.
    }

    private static string FollowLinks(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return path;
        }
        catch (UnauthorizedAccessException)
        {
            // Opening it will say what is missing.
            return path;
        }
        catch (IOException e)
        {
            throw StorageErrors.Open(path, "cannot be followed", ReadAdvice, e);
        }
    }

    // Random, so that nobody is in the way and nobody's file is taken for ours; and no longer than file systems allow.
    private string MakeTemporaryName()
    {
        const int LongestName = 255;
        string suffix = $"-new-{Guid.NewGuid().ToString("N")[..16]}";
        ReadOnlySpan<char> name = System.IO.Path.GetFileName(Name.AsSpan());
        while (Encoding.UTF8.GetByteCount(name) > LongestName - suffix.Length
            || (!name.IsEmpty && char.IsHighSurrogate(name[^1])))
        {
            name = name[..^1];
        }

        return System.IO.Path.Join(System.IO.Path.GetDirectoryName(Name.AsSpan()), string.Concat(name, suffix));
    }

    // Opening a pipe would wait for its other end, and opening a device may do something.
    private void RefuseSpecial()
    {
        if (FileStatus.TryGet(Name, followLinks: true, out FileStatus status, out _) && status.Kind == FileKind.Special)
        {
            throw new DatabaseFormatException(
                $"{Name} is a pipe, a device or a socket. Give the path of a regular file.");
        }
    }
}
