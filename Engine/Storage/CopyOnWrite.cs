using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Engine.Storage;

/// <summary>
/// File systems that do not overwrite blocks but copy them, always (btrfs) or while another file shares them (XFS and
/// btrfs, after a copy by reference or a snapshot). The copy needs room, also where every block is there already: a
/// store into a map that finds none ends the process, and no error can be caught. So the lock file is made not to be
/// copied, and what cannot be stored to is found out while there is somebody to tell.
/// </summary>
internal static unsafe class CopyOnWrite
{
    // The attributes of files that lsattr shows. The numbers of the calls hold where Linux encodes them as on x86 and
    // Arm; elsewhere they are refused, as on a file system that has no such attributes.
    private const nuint GetAttributes = 0x80086601;
    private const nuint SetAttributes = 0x40086602;
    private const uint NoCopyOnWrite = 0x00800000;
    private const uint Compressed = 0x4;

    // The map of a file's extents (fiemap): a header of 32 bytes, then extents of 56.
    private const nuint MapExtents = 0xC020660B;
    private const int MapHeaderSize = 32;
    private const int MapLengthOffset = 8;
    private const int MappedExtentsOffset = 20;
    private const int ExtentCountOffset = 24;
    private const int ExtentSize = 56;
    private const int ExtentsPerCall = 32;
    private const int ExtentLengthOffset = 16;
    private const int ExtentFlagsOffset = 40;
    private const uint LastExtent = 0x1;
    private const uint SharedExtent = 0x2000;

    private const int UnshareRange = 0x40;

    private static bool IsAvailable => OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>
    /// Asks that a file be overwritten in place from now on. A file system that knows the attribute gives it to empty
    /// files only: there the file is emptied. Where it is not known nothing happens.
    /// </summary>
    /// <param name="file">A file of the caller's own whose content is of no use to anybody.</param>
    public static void SwitchOff(SafeFileHandle file)
    {
        if (IsAvailable && TryGet(file, out uint attributes) && !IsOff(attributes) && TrySet(file, attributes)
            && TryGet(file, out attributes) && !IsOff(attributes))
        {
            RandomAccess.SetLength(file, 0);
            TrySet(file, attributes);
        }
    }

    /// <summary>
    /// Makes sure, as far as the system can tell, that a map that was just made can be stored to: blocks that other
    /// files share become the file's own, and a store of nothing is tried.
    /// </summary>
    /// <param name="file">The mapped file.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="address">The map, which begins at the file's first byte.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="advice">What helps if rights are missing, as a sentence.</param>
    /// <exception cref="DatabaseException">
    /// It cannot be stored to: the disk or the quota is exhausted, or the file system is out of order.
    /// </exception>
    public static void PrepareStores(SafeFileHandle file, string path, byte* address, int length, string advice)
    {
        if (!IsAvailable)
        {
            return;
        }

        bool isShared = IsShared(file);
        if (isShared && Libc.Fallocate(file, UnshareRange, 0, length) == 0)
        {
            isShared = false;
        }

        // The first page is stored to in any case. What is shared and was not unshared is copied now, all of it, while
        // it can be refused.
        // Bounds: the map has length bytes.
        nuint tried = isShared ? (nuint)length : 1;
        if (CanStore(address, tried))
        {
            return;
        }

        try
        {
            // The call says only that a store would have ended the process. Writing what is there says why.
            // Bounds: the map has length bytes, far more than these.
            RandomAccess.Write(file, new ReadOnlySpan<byte>(address, sizeof(ulong)), 0);
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            throw StorageErrors.Open(path, "cannot be stored to", advice, e);
        }

        if (!CanStore(address, tried))
        {
            throw new DatabaseFullException(
                $"{path} cannot be stored to: the file system must copy its blocks for that, and has no room for the "
                + "copies. Make room; or, if no process has the database open, delete this file.");
        }
    }

    /// <summary>Whether another file is known to share a block with this one.</summary>
    public static bool IsShared(SafeFileHandle file)
    {
        if (!IsAvailable)
        {
            return false;
        }

        // Bounds: a header and ExtentsPerCall extents, of which the kernel fills in no more than it is told to.
        byte* map = stackalloc byte[MapHeaderSize + (ExtentsPerCall * ExtentSize)];
        ulong start = 0;
        while (true)
        {
            new Span<byte>(map, MapHeaderSize).Clear();
            *(ulong*)map = start;
            *(ulong*)(map + MapLengthOffset) = ulong.MaxValue - start;
            *(uint*)(map + ExtentCountOffset) = ExtentsPerCall;
            if (Libc.Ioctl(file, MapExtents, map) != 0)
            {
                return false;
            }

            uint count = Math.Min(*(uint*)(map + MappedExtentsOffset), ExtentsPerCall);
            for (uint i = 0; i < count; i++)
            {
                // Bounds: i is below ExtentsPerCall.
                byte* extent = map + MapHeaderSize + (i * ExtentSize);
                uint flags = *(uint*)(extent + ExtentFlagsOffset);
                if ((flags & SharedExtent) != 0)
                {
                    return true;
                }

                ulong end = *(ulong*)extent + *(ulong*)(extent + ExtentLengthOffset);
                if ((flags & LastExtent) != 0 || end <= start)
                {
                    return false;
                }

                start = end;
            }

            if (count == 0)
            {
                return false;
            }
        }
    }

    private static bool IsOff(uint attributes) => (attributes & NoCopyOnWrite) != 0;

    private static bool TryGet(SafeFileHandle file, out uint attributes)
    {
        // Bounds: the call is declared for a long, and the kernel writes an int.
        ulong word = 0;
        bool isKnown = Libc.Ioctl(file, GetAttributes, &word) == 0;
        attributes = (uint)word;
        return isKnown;
    }

    // What is compressed is copied, and cannot have the attribute. The lock file inherits that from its directory.
    private static bool TrySet(SafeFileHandle file, uint attributes)
    {
        // Bounds: the call is declared for a long, and the kernel reads an int.
        ulong word = (attributes & ~Compressed) | NoCopyOnWrite;
        return Libc.Ioctl(file, SetAttributes, &word) == 0;
    }

    // Any other failure says that the call is not known (before Linux 5.14), and nothing of the file.
    private static bool CanStore(byte* address, nuint length) =>
        Libc.AdvisePopulate(address, length, Libc.PopulateWrite) == 0 || Marshal.GetLastPInvokeError() != Errno.EFAULT;
}
