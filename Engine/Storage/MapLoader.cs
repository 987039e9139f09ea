using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Engine.Storage;

/// <summary>
/// Brings bytes of a map into memory before they are looked at. A sector that cannot be read, or an end of the file
/// that came nearer, is an answer then; touching the bytes would end the process. Thread-safe.
/// </summary>
/// <remarks>
/// Linux is asked to populate the map (since 5.14), which for bytes in memory costs a system call and no copy, and
/// reports what would have been SIGBUS. Elsewhere the bytes are read with a positional read, which brings them into the
/// cache that the map shows.
/// </remarks>
/// <param name="file">The file that is mapped.</param>
/// <param name="readAhead">Whether bytes that are not needed yet may be brought along.</param>
/// <param name="mayPopulate">False: always read. For tests.</param>
internal sealed unsafe class MapLoader(SafeFileHandle file, bool readAhead, bool mayPopulate = true)
{
    private const int PieceBytes = 16 * 1024;

    // Until a kernel, or what stands for one, says that it does not know the advice or does not allow it.
    private volatile bool _canPopulate = mayPopulate && OperatingSystem.IsLinux();

    /// <summary>
    /// How many bytes behind those that are needed may be asked for with them, if it looks as if they were needed next.
    /// </summary>
    public int MaxAhead { get; } = readAhead ? 1024 * 1024 : 0;

    /// <summary>Brings bytes into memory.</summary>
    /// <param name="address">The first byte of the map.</param>
    /// <param name="offset">Where the bytes begin, in the map and in the file.</param>
    /// <param name="length">How many bytes; the map has them.</param>
    /// <returns>Null, or why they cannot be read.</returns>
    public string? Load(byte* address, long offset, long length)
    {
        // The advice is for whole pages of the system. Bounds: a map begins at such a page, so rounding down stays
        // within it.
        var start = offset & ~(Environment.SystemPageSize - 1L);
        while (_canPopulate)
        {
            if (Libc.AdvisePopulate(address + start, (nuint)(offset + length - start), Libc.PopulateRead) == 0)
            {
                return null;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error is Errno.EFAULT or Errno.EIO or Errno.EHWPOISON)
            {
                // Of the map it is known only that it has no such bytes. Reading the file says why.
                return TryRead(offset, length)
                    ?? $"it is in the file, but not in the map of it: {Errno.Describe(error)}";
            }

            if (error == Errno.ENOMEM || error == Errno.EAGAIN)
            {
                // No memory to bring it in just now. That says nothing of the medium, and touching the bytes waits for
                // memory.
                return null;
            }

            _canPopulate = error == Errno.EINTR;
        }

        return TryRead(offset, length);
    }

    private string? TryRead(long offset, long length)
    {
        Span<byte> piece = stackalloc byte[(int)Math.Min(length, PieceBytes)];
        try
        {
            while (length > 0)
            {
                int read = RandomAccess.Read(file, piece[..(int)Math.Min(length, piece.Length)], offset);
                if (read == 0)
                {
                    return "the file ends before it: it was cut while it was open";
                }

                offset += read;
                length -= read;
            }

            return null;
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            return e.Message.TrimEnd('.');
        }
    }
}
