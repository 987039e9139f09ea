using System.Buffers.Binary;
using System.Text;
using Engine.Storage;

namespace Engine.Tests.Storage;

/// <summary>Things of other people and programs that may have a name that the engine would use.</summary>
internal static class ForeignFiles
{
    /// <summary>Every kind that is not even a regular file, or is one with other contents than ours.</summary>
    public static readonly string[] Kinds =
    [
        "text", "lock file of LMDB", "database of LMDB", "zeros", "directory", "full directory", "pipe", "device",
        "link to a file", "link to a lock file", "link to a directory", "link to nothing", "link to itself",
        "hard link to a text", "hard link to an empty file",
    ];

    /// <summary>Puts one at a path. What it leads to lies beside it.</summary>
    public static void Make(string kind, string path)
    {
        string other = path + ".other";
        switch (kind)
        {
            case "empty file":
                File.WriteAllBytes(path, []);
                break;
            case "text":
                File.WriteAllText(path, "Nobody else's business.\n");
                break;
            case "lock file of LMDB":
                File.WriteAllBytes(path, LmdbLock());
                break;
            case "database of LMDB":
                File.WriteAllBytes(path, LmdbData());
                break;
            case "zeros":
                File.WriteAllBytes(path, new byte[5000]);
                break;
            case "directory":
                Directory.CreateDirectory(path);
                break;
            case "full directory":
                Directory.CreateDirectory(path);
                File.WriteAllText(Path.Combine(path, "data.mdb"), "contents");
                break;
            case "pipe":
                Machine.Need("mkfifo", path);
                break;
            case "device":
                Machine.Need("mknod", path, "c", "1", "3");
                break;
            case "link to a file":
                File.WriteAllText(other, "precious");
                File.CreateSymbolicLink(path, other);
                break;
            case "link to a lock file":
                new FileStorage(other).OpenLockFile(readOnly: true).Dispose();
                File.CreateSymbolicLink(path, other + "-lock");
                break;
            case "link to a directory":
                Directory.CreateDirectory(other);
                File.CreateSymbolicLink(path, other);
                break;
            case "link to nothing":
                File.CreateSymbolicLink(path, other);
                break;
            case "link to itself":
                File.CreateSymbolicLink(path, path);
                break;
            case "hard link to a text":
                File.WriteAllText(other, "precious");
                Machine.Need("ln", other, path);
                break;
            case "hard link to an empty file":
                File.WriteAllText(other, "");
                Machine.Need("ln", other, path);
                break;
            default:
                throw new ArgumentException(kind, nameof(kind));
        }

        // Older than everything that a test does, so that a change shows in the time.
        if (!kind.StartsWith("link", StringComparison.Ordinal))
        {
            File.SetLastWriteTimeUtc(path, new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc));
        }
    }

    // As liblmdb writes it: magic, format, then the reader table with the mutexes.
    private static byte[] LmdbLock()
    {
        byte[] bytes = new byte[8192];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, 0xBEEFC0DE);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), 0x02000400);
        bytes[64] = 1;
        return bytes;
    }

    private static byte[] LmdbData()
    {
        byte[] bytes = new byte[16 * 4096];
        for (int page = 0; page < 2; page++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan((page * 4096) + 16), 0xBEEFC0DE);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan((page * 4096) + 20), 1);
        }

        Encoding.UTF8.GetBytes("keys and values of somebody").CopyTo(bytes, 8192);
        return bytes;
    }
}
