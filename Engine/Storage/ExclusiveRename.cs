using System.Runtime.InteropServices;

namespace Engine.Storage;

/// <summary>Gives a file a name without ever taking that name from another file, however late that one came.</summary>
internal static class ExclusiveRename
{
    /// <summary>
    /// Renames a file within its file system; false if the new name is taken, by whatever it is, and nothing was
    /// changed.
    /// </summary>
    /// <exception cref="IOException">
    /// It cannot be renamed; and whatever else .NET throws then, see <see cref="StorageErrors.IsFileFailure"/>.
    /// </exception>
    public static bool TryMove(string from, string to)
    {
        if (OperatingSystem.IsWindows())
        {
            return TryMoveByDotnet(from, to);
        }

        int error = OperatingSystem.IsLinux() ? RenameLinux(from, to) : Errno.ENOSYS;
        if (error is Errno.EINVAL || error == Errno.ENOSYS)
        {
            error = LinkAndUnlink(from, to);
        }

        if (error == Errno.EPERM || error == Errno.ENOTSUP || error == Errno.ENOSYS || error == Errno.EMLINK)
        {
            // Neither can this file system. What remains is a look, and a rename a moment later.
            return TryMoveByDotnet(from, to);
        }

        return error switch
        {
            0 => true,
            Errno.EEXIST => false,
            Errno.ENOENT or Errno.ENOTDIR => throw new FileNotFoundException(Errno.Describe(error), from),
            Errno.EACCES => throw new UnauthorizedAccessException(Errno.Describe(error)),
            _ => throw new IOException(Errno.Describe(error), error),
        };
    }

    private static int RenameLinux(string from, string to)
    {
        try
        {
            return Libc.Rename(Libc.CurrentDirectory, from, Libc.CurrentDirectory, to, Libc.RenameNoReplace) == 0
                ? 0
                : Marshal.GetLastPInvokeError();
        }
        catch (EntryPointNotFoundException)
        {
            // A C library from before 2018.
            return Errno.ENOSYS;
        }
    }

    private static int LinkAndUnlink(string from, string to)
    {
        if (Libc.Link(from, to) != 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        File.Delete(from);
        return 0;
    }

    private static bool TryMoveByDotnet(string from, string to)
    {
        try
        {
            if (!OperatingSystem.IsWindows() && IsThere(to))
            {
                return false;
            }

            File.Move(from, to, overwrite: false);
            return true;
        }
        catch (IOException) when (IsThere(from) && IsThere(to))
        {
            return false;
        }
    }

    private static bool IsThere(string path) => FileStatus.TryGet(path, followLinks: false, out _, out _);
}
