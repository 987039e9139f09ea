using System.Runtime.InteropServices;

namespace Engine.Storage;

/// <summary>Tells regular files from pipes, devices and sockets, which must be neither waited for nor replaced.</summary>
internal static unsafe class FileKind
{
    private const int CurrentDirectory = -100;
    private const uint WantType = 1;
    private const int ResultSize = 256;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xF000;
    private const int TypeRegular = 0x8000;
    private const int TypeDirectory = 0x4000;

    /// <summary>Whether something is known to be there that is neither a regular file nor a directory.</summary>
    public static bool IsSpecial(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        // Bounds: struct statx has 256 bytes, its mode is a u16 at offset 28, on every architecture.
        byte* result = stackalloc byte[ResultSize];
        try
        {
            if (Libc.Statx(CurrentDirectory, path, 0, WantType, result) != 0)
            {
                return false;
            }
        }
        catch (EntryPointNotFoundException)
        {
            // A C library from before 2018.
            return false;
        }

        int type = *(ushort*)(result + ModeOffset) & TypeMask;
        return type is not (TypeRegular or TypeDirectory);
    }
}
