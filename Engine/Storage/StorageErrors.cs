namespace Engine.Storage;

/// <summary>Turns what the system reports into the engine's exceptions, whose messages say what to do.</summary>
internal static class StorageErrors
{
    // As HRESULTs: ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL, ERROR_DISK_QUOTA_EXCEEDED, ERROR_FILE_TOO_LARGE.
    private static readonly int[] WindowsFull =
        [
            unchecked((int)0x80070070),
            unchecked((int)0x80070027),
            unchecked((int)0x8007050F),
            unchecked((int)0x800700DF)
        ];

    private const int WindowsSharingViolation = unchecked((int)0x80070020);
    private const int WindowsWriteProtected = unchecked((int)0x80070013);

    /// <summary>What .NET throws when reading, writing or opening a file fails.</summary>
    public static bool IsFileFailure(Exception e) =>
        e is IOException or UnauthorizedAccessException or NotSupportedException
        || (e is ArgumentOutOfRangeException && IsTooLarge(e));

    /// <summary>The exception for a failed write or change of length.</summary>
    public static StorageWriteException Write(string name, string what, Exception e)
    {
        bool full = IsFull(e);
        string advice = full
            ? "The disk, the quota or the limit of the file size is exhausted: make room."
            : "Check the disk and the system's log.";
        return new StorageWriteException($"{name}: {what} failed: {Reason(e)}. {advice}", full, e);
    }

    /// <summary>The exception for a failed flush.</summary>
    public static StorageWriteException Flush(string name, int error) =>
        new(
            $"{name} could not be flushed: {Errno.Describe(error)}. What was written since the last flush may be lost. "
            + $"Check the disk and the system's log.",
            IsFullErrno(error));

    /// <summary>The exception for a failed flush through .NET.</summary>
    public static StorageWriteException Flush(string name, Exception e) =>
        new(
            $"{name} could not be flushed: {Reason(e)}. What was written since the last flush may be lost. Check the "
            + $"disk and the system's log.",
            IsFull(e),
            e);

    /// <summary>The exception for a failed read that is not the end of the file.</summary>
    public static DatabaseException Read(string name, Exception e) =>
        new($"{name} could not be read: {Reason(e)}. Check the disk and the system's log.", e);

    /// <summary>The exception for a file that could not be opened, created, renamed or removed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="purpose">What was to be done, as in "cannot be opened for writing".</param>
    /// <param name="advice">What helps if rights are missing, as a sentence.</param>
    /// <param name="e">The failure.</param>
    public static DatabaseException Open(string path, string purpose, string advice, Exception e)
    {
        switch (e)
        {
            case FileNotFoundException:
                return new DatabaseNotFoundException(
                    $"{path} {purpose}: there is no such file. Check the path, or let the database be created.", e);
            case DirectoryNotFoundException:
                return DirectoryMissing(path, purpose, e);
            case PathTooLongException:
                return new DatabaseAccessException($"{path} {purpose}: the path is too long for the system.", e);
            case UnauthorizedAccessException when Directory.Exists(path):
                return new DatabaseAccessException($"{path} {purpose}: it is a directory. Give the path of a file.", e);
            case UnauthorizedAccessException:
                return new DatabaseAccessException($"{path} {purpose}: rights are missing. {advice}", e);
            case NotSupportedException:
                return new DatabaseFormatException($"{path} {purpose}: it is not a regular file.", e);
            default:
                return OpenByErrno(path, purpose, advice, e);
        }
    }

    /// <summary>The same for a failed system call.</summary>
    public static DatabaseException Open(string path, string purpose, string advice, int error)
    {
        string reason = Errno.Describe(error);
        Exception cause = error switch
        {
            Errno.ENOENT => Directory.Exists(Path.GetDirectoryName(path))
                ? new FileNotFoundException(reason)
                : new DirectoryNotFoundException(reason),
            Errno.ENOTDIR => new DirectoryNotFoundException(reason),
            Errno.EACCES or Errno.EPERM or Errno.EISDIR => new UnauthorizedAccessException(reason),
            _ => new IOException(reason, error),
        };
        return Open(path, purpose, advice, cause);
    }

    /// <summary>The exception for a directory in which nothing can be made, because it is missing.</summary>
    public static DatabaseNotFoundException DirectoryMissing(string path, string purpose, Exception? e) =>
        new(
            $"{path} {purpose}: the directory {Path.GetDirectoryName(path)} does not exist, or a part of it is not a "
            + $"directory. Create it first, or check the path.",
            e);

    /// <summary>Whether a failure says that space, quota or the limit of the file size is exhausted.</summary>
    internal static bool IsFull(Exception e) => e switch
    {
        // .NET turns EFBIG into a complaint about an argument.
        ArgumentOutOfRangeException => true,
        IOException when OperatingSystem.IsWindows() => WindowsFull.Contains(e.HResult),
        IOException => IsFullErrno(e.HResult),
        _ => false,
    };

    private static DatabaseException OpenByErrno(string path, string purpose, string advice, Exception e)
    {
        int error = e.HResult;
        if (error is Errno.EROFS or WindowsWriteProtected)
        {
            return new DatabaseAccessException($"{path} {purpose}: the file system is read-only. {advice}", e);
        }

        if (error == Errno.EAGAIN || error == WindowsSharingViolation)
        {
            return new DatabaseBusyException(
                $"{path} {purpose}: another program has locked the file for itself. Close it there first.", e);
        }

        if (IsFull(e))
        {
            return new DatabaseFullException($"{path} {purpose}: the disk or the quota is exhausted. Make room.", e);
        }

        if (error == Errno.ELOOP)
        {
            return new DatabaseAccessException($"{path} {purpose}: its symbolic links lead in a circle.", e);
        }

        return new DatabaseException($"{path} {purpose}: {Reason(e)}.", e);
    }

    private static bool IsFullErrno(int error) => error is Errno.ENOSPC or Errno.EFBIG || error == Errno.EDQUOT;

    private static bool IsTooLarge(Exception e) => e is ArgumentOutOfRangeException { ParamName: "value" };

    private static string Reason(Exception e) =>
        IsTooLarge(e) ? Errno.Describe(Errno.EFBIG) : e.Message.TrimEnd('.');
}
