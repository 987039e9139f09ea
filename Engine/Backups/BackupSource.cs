using Engine.Storage;

namespace Engine.Backups;

/// <summary>A backup stream that is to be read.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Open">Gives the stream.</param>
/// <param name="IsOwned">Whether it is to be closed afterwards.</param>
internal sealed record BackupSource(string Name, Func<Stream> Open, bool IsOwned)
{
    public static BackupSource OfPath(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = Path.GetFullPath(path);
        return new BackupSource($"'{path}'", () => OpenFile(full), IsOwned: true);
    }

    public static BackupSource OfStream(Stream stream, int index)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.CanRead
            ? new BackupSource($"Backup stream {index + 1}", () => stream, IsOwned: false)
            : throw new ArgumentException("A backup cannot be read from a stream that cannot be read.", nameof(stream));
    }

    private static FileStream OpenFile(string path)
    {
        try
        {
            return new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            throw e is FileNotFoundException
                ? new DatabaseNotFoundException($"There is no backup at '{path}'. Check the path.", e)
                : StorageErrors.Open(
                    path, "cannot be opened for reading", "Grant this user the right to read it.", e);
        }
    }
}
