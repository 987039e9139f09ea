using System.Security.Cryptography;
using Engine.Storage;

namespace Engine.Tests.Infrastructure;

/// <summary>
/// Everything that can be seen of a directory: to show that nothing in it was made, removed or touched.
/// </summary>
internal static class DirectorySnapshot
{
    /// <summary>
    /// One line per entry, below subdirectories too: name, kind, names, link target, length, contents, rights, time of
    /// modification.
    /// </summary>
    public static string[] Of(string directory) =>
        [
            .. Directory.EnumerateFileSystemEntries(directory, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(path => Describe(directory, path))
        ];

    private static string Describe(string directory, string path)
    {
        Assert.That(FileStatus.TryGet(path, followLinks: false, out var status, out _), path);
        var info = new FileInfo(path);
        var content = status.Kind == FileKind.Regular
            ? $"{info.Length} {Convert.ToHexString(SHA256.HashData(LockedFiles.Read(path)))}"
            : "";
        return $"{Path.GetRelativePath(directory, path)} {status.Kind} {status.Identity} {status.Links} -> "
            + $"{info.LinkTarget} {content} {info.UnixFileMode} {info.LastWriteTimeUtc:O}";
    }
}
