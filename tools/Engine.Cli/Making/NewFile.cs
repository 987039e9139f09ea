using Engine.Cli.Shared;
using Engine.Copies;
using Engine.Storage;

namespace Engine.Cli.Making;

/// <summary>
/// A file in the making, beside the place where it is to be. It appears there only when it is complete and durable;
/// whatever happens before, nothing is left behind (unless the process is killed: then a file <c>…-partial-…</c> that
/// can be deleted).
/// </summary>
internal sealed class NewFile : IDisposable
{
    private readonly string _path;
    private readonly UnfinishedFile _file;
    private readonly FileStream _stream;

    private NewFile(string path, UnfinishedFile file, FileStream stream)
    {
        _path = path;
        _file = file;
        _stream = stream;
    }

    /// <summary>What is written here will be in the file.</summary>
    public Stream Stream => _stream;

    /// <exception cref="UsageException">There is something at the path already.</exception>
    public static NewFile At(string path)
    {
        if (Path.Exists(path))
            throw Existing(path);
        var file = new UnfinishedFile(path);
        try
        {
            return new NewFile(
                path,
                file,
                new FileStream(file.PartialPath, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0));
        }
        catch (Exception exception) when (StorageErrors.IsFileFailure(exception))
        {
            throw StorageErrors.Open(
                path, "cannot be created", "Grant this user the right to write to the directory.", exception);
        }
    }

    /// <summary>Makes the file durable and gives it its name.</summary>
    public void Finish()
    {
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
        if (!_file.TryFinish())
            throw Existing(_path);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _file.Dispose();
    }

    private static UsageException Existing(string path) => new($"'{path}' exists: give the path of a new file");
}
