using System.Runtime.InteropServices;

namespace Engine.Storage;

/// <summary>The error numbers that decide something. Those above 34 differ between Linux and the BSD family.</summary>
internal static class Errno
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int ESRCH = 3;
    public const int EINTR = 4;
    public const int ENOMEM = 12;
    public const int EACCES = 13;
    public const int EFAULT = 14;
    public const int EEXIST = 17;
    public const int ENOTDIR = 20;
    public const int EISDIR = 21;
    public const int EINVAL = 22;
    public const int EFBIG = 27;
    public const int ENOSPC = 28;
    public const int EROFS = 30;
    public const int EMLINK = 31;

    public static readonly int EAGAIN = OperatingSystem.IsLinux() ? 11 : 35;
    public static readonly int ENOTSUP = OperatingSystem.IsLinux() ? 95 : 45;
    public static readonly int ENOSYS = OperatingSystem.IsLinux() ? 38 : 78;
    public static readonly int ELOOP = OperatingSystem.IsLinux() ? 40 : 62;
    public static readonly int EDQUOT = OperatingSystem.IsLinux() ? 122 : 69;

    /// <summary>What the system calls an error, with its number.</summary>
    public static string Describe(int error) => $"{Marshal.GetPInvokeErrorMessage(error)} (error {error})";
}
