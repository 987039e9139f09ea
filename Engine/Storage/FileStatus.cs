using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Engine.Storage;

/// <summary>What the system says of a file itself, not of its contents.</summary>
/// <param name="Identity">Which file it is; unknown where the system does not tell.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Links">How many names lead to it; 1 where the system does not tell.</param>
internal readonly record struct FileStatus(FileIdentity Identity, FileKind Kind, uint Links)
{
    // struct statx has 256 bytes and the same layout on every architecture.
    private const int ResultSize = 256;
    private const int LinksOffset = 16;
    private const int ModeOffset = 28;
    private const int InodeOffset = 32;
    private const int BirthOffset = 80;
    private const int DeviceOffset = 136;

    // Type, mode, links and inode. Not the times: Linux notes a change exactly once somebody has asked for the time of
    // the last one (6.13 and later), and asking before each durable commit made it a third slower.
    private const uint WantedBasics = 0x107;
    private const uint WantedBirth = 0x800;
    private const int TypeMask = 0xF000;

    /// <summary>Asks about what is at a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="followLinks">Whether a symbolic link stands for its target.</param>
    /// <param name="status">The answer.</param>
    /// <param name="error">
    /// The system's error number if there is no answer: <see cref="Errno.ENOENT"/> if nothing is there.
    /// </param>
    public static bool TryGet(string path, bool followLinks, out FileStatus status, out int error)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                return TryAsk(Libc.CurrentDirectory, path, followLinks ? 0 : Libc.StatusOfLink, out status, out error);
            }
            catch (EntryPointNotFoundException)
            {
                // A C library from before 2018.
            }
        }

        return TryByAttributes(path, followLinks, out status, out error);
    }

    /// <summary>Asks about an open file; false where the system does not say.</summary>
    public static bool TryGet(SafeFileHandle file, out FileStatus status)
    {
        status = default;
        if (OperatingSystem.IsWindows())
        {
            return TryAskWindows(file, out status);
        }

        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        bool isReferenced = false;
        try
        {
            file.DangerousAddRef(ref isReferenced);
            return TryAsk((int)file.DangerousGetHandle(), "", Libc.StatusOfDescriptor, out status, out _);
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
        finally
        {
            if (isReferenced)
            {
                file.DangerousRelease();
            }
        }
    }

    private static unsafe bool TryAsk(int directory, string path, int flags, out FileStatus status, out int error)
    {
        // Bounds: the system fills at most the ResultSize bytes that were just reserved, and every offset lies within
        // them.
        byte* result = stackalloc byte[ResultSize];
        status = default;
        error = 0;
        if (Libc.Statx(directory, path, flags, WantedBasics | WantedBirth, result) != 0)
        {
            error = Marshal.GetLastPInvokeError();
            return false;
        }

        ulong device = ((ulong)*(uint*)(result + DeviceOffset) << 32) | *(uint*)(result + DeviceOffset + sizeof(uint));
        bool hasBirth = (*(uint*)result & WantedBirth) != 0;
        ulong seconds = *(ulong*)(result + BirthOffset);
        ulong birth = hasBirth ? (seconds * 1_000_000_000) + *(uint*)(result + BirthOffset + sizeof(ulong)) : 0;
        status = new FileStatus(
            new FileIdentity(device, *(ulong*)(result + InodeOffset), birth),
            KindOf(*(ushort*)(result + ModeOffset)),
            *(uint*)(result + LinksOffset));
        return true;
    }

    private static FileKind KindOf(int mode) => (mode & TypeMask) switch
    {
        0x8000 => FileKind.Regular,
        0x4000 => FileKind.Directory,
        0xA000 => FileKind.Link,
        _ => FileKind.Special,
    };

    private static unsafe bool TryAskWindows(SafeFileHandle file, out FileStatus status)
    {
        status = default;
        Kernel32.FileInformation information = default;
        if (!Kernel32.GetFileInformationByHandle(file, &information))
        {
            return false;
        }

        ulong index = ((ulong)information.IndexHigh << 32) | information.IndexLow;
        ulong birth = ((ulong)information.CreationHigh << 32) | information.CreationLow;
        status =
            new FileStatus(new FileIdentity(information.Volume, index, birth), FileKind.Regular, information.Links);
        return true;
    }

    private static bool TryByAttributes(string path, bool followLinks, out FileStatus status, out int error)
    {
        status = default;
        error = 0;
        try
        {
            FileAttributes attributes = File.GetAttributes(path);
            FileKind kind = !followLinks && (attributes & FileAttributes.ReparsePoint) != 0 ? FileKind.Link
                : (attributes & FileAttributes.Directory) != 0 ? FileKind.Directory
                : FileKind.Unknown;
            status = new FileStatus(default, kind, Links: 1);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            error = Errno.ENOENT;
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            error = Errno.EACCES;
        }

        return false;
    }
}
