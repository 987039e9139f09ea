using Engine.Storage;

namespace Engine.Copies;

/// <summary>
/// A file in the making, beside the place where it is to be. It appears there only when it is complete; whatever
/// happens before, nothing is left behind (unless the process is killed: then a file <c>…-partial-…</c> that can be
/// deleted), and nothing is ever replaced.
/// </summary>
/// <param name="path">Where it is to be.</param>
internal sealed class UnfinishedFile(string path) : IDisposable
{
    private bool _isFinished;

    /// <summary>The file while it is not finished. Whoever makes it makes it durable, too.</summary>
    public string PartialPath { get; } = $"{path}-partial-{Guid.NewGuid().ToString("N")[..16]}";

    /// <summary>Runs the work that fills the file. A full disk is reported with what became of the file.</summary>
    /// <exception cref="DatabaseFullException">There is no room.</exception>
    /// <exception cref="DatabaseAccessException">It cannot be written.</exception>
    public T Fill<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (DatabaseFullException e)
        {
            throw NoRoom(e);
        }
        catch (StorageWriteException e)
        {
            throw e.IsFull
                ? NoRoom(e)
                : new DatabaseAccessException(
                    $"'{path}' cannot be written; the unfinished file was removed ({e.Message})", e);
        }
    }

    /// <summary>Gives it its name, durably.</summary>
    /// <returns>False if somebody else has put something there meanwhile.</returns>
    public bool TryFinish()
    {
        if (!ExclusiveRename.TryMove(PartialPath, path))
        {
            return false;
        }

        _isFinished = true;
        using var storage = new FileStorage(path, withoutLock: true);
        storage.FlushDirectory();
        return true;
    }

    public void Dispose()
    {
        // In a directory that is gone there is nothing to remove either.
        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(PartialPath))))
        {
            return;
        }

        // A database in the making was opened by its lock file.
        File.Delete(PartialPath + "-lock");
        if (!_isFinished)
        {
            File.Delete(PartialPath);
        }
    }

    private DatabaseFullException NoRoom(Exception cause) => new(
        $"There is no room for '{path}': make some and try again; the unfinished file was removed ({cause.Message})",
        cause);
}
