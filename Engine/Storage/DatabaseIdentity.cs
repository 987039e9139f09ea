using Microsoft.Win32.SafeHandles;

namespace Engine.Storage;

/// <summary>Tells which file a database is, where the numbers of the file system can be relied on.</summary>
internal static unsafe class DatabaseIdentity
{
    private const int ResultSize = 256;
    private const long Overlay = 0x794C7630;

    /// <summary>The file at a path, behind links; null if there is none.</summary>
    public static FileIdentity? Of(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return OfWindows(path);
        }

        return FileStatus.TryGet(path, followLinks: true, out FileStatus status, out int error) ? Settle(path, status)
            : error is Errno.ENOENT or Errno.ENOTDIR ? null
            : default(FileIdentity);
    }

    /// <summary>An open file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">The path at which it was opened.</param>
    public static FileIdentity Of(SafeFileHandle file, string path) =>
        FileStatus.TryGet(file, out FileStatus status) ? Settle(path, status) : default;

    // In an overlay whose layers lie on several file systems without numbers of its own, a file changes its number when
    // it is first written to. It is known by a device that is not the directory's. Elsewhere in overlays the numbers
    // stay, but not the time of birth, which is that of the copy.
    private static FileIdentity Settle(string path, FileStatus status)
    {
        if (!IsOverlay(path))
        {
            return status.Identity;
        }

        bool hasNumbers =
            FileStatus.TryGet(Path.GetDirectoryName(path)!, followLinks: true, out FileStatus directory, out _)
                && directory.Identity.Device == status.Identity.Device;
        return hasNumbers ? status.Identity with { Birth = 0 } : default;
    }

    private static bool IsOverlay(string path)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
        {
            return false;
        }

        // Bounds: struct statfs has 120 bytes on 64-bit Linux, and begins with the type, a signed word of 64 bits.
        byte* result = stackalloc byte[ResultSize];
        return Libc.Statfs(path, result) == 0 && *(long*)result == Overlay;
    }

    private static FileIdentity? OfWindows(string path)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return Of(file, path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            return default(FileIdentity);
        }
    }
}
