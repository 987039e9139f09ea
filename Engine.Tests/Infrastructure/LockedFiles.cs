using System.Runtime.InteropServices;
using Engine.Storage;
using Microsoft.Win32.SafeHandles;

namespace Engine.Tests.Infrastructure;

/// <summary>Files that a database has locked, which .NET's own files would not open. Unix only.</summary>
internal static class LockedFiles
{
    public static byte[] Read(string path)
    {
        using var file = Open(path, Libc.OpenReadOnly);
        var bytes = new byte[RandomAccess.GetLength(file)];
        var read = 0;
        while (read < bytes.Length)
        {
            var more = RandomAccess.Read(file, bytes.AsSpan(read), read);
            Assert.That(more, Is.GreaterThan(0));
            read += more;
        }

        return bytes;
    }

    public static void Write(string path, long offset, ReadOnlySpan<byte> bytes)
    {
        using var file = Open(path, Libc.OpenReadWrite);
        RandomAccess.Write(file, bytes, offset);
    }

    private static SafeFileHandle Open(string path, int flags)
    {
        var descriptor = Libc.Open(path, flags | Libc.OpenCloseOnExec);
        Assert.That(descriptor, Is.GreaterThanOrEqualTo(0), $"{path}: {Marshal.GetLastPInvokeErrorMessage()}");
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }
}
