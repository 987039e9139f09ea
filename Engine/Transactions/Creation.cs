using Engine.Pages;
using Engine.Storage;

namespace Engine.Transactions;

/// <summary>
/// Makes a new database file. It appears under its name only when it is complete and durable: temporary file, flush,
/// rename, flush of the directory. The caller holds the writer lock and has looked, under it, that there is no file
/// yet; should one have come that knows nothing of locks, it stays, and nothing is created.
/// </summary>
internal static class Creation
{
    public static void Create(IStorage storage, int pageSize)
    {
        var image = new byte[Math.Max(PageLayout.ReservedBytes, pageSize)];
        var superblock = new Superblock(pageSize, Guid.NewGuid());
        superblock.ToBytes().CopyTo(image, 0);
        Meta.Initial(pageSize).Write(image.AsSpan((int)Meta.SlotOffset(0), PageLayout.BlockSize), superblock);
        _ = Make(storage, file =>
        {
            file.SetLength(image.Length);
            file.Write(0, image);
            file.Flush();
            return image.Length;
        });
    }

    /// <summary>
    /// Makes a file of what a function writes to it and flushes; nothing of it is left when that throws.
    /// </summary>
    /// <param name="storage">The place, in which there is nothing yet.</param>
    /// <param name="fill">Writes the file, and makes it durable.</param>
    /// <returns>What the function returned.</returns>
    public static T Make<T>(IStorage storage, Func<IStorageFile, T> fill)
    {
        try
        {
            T result;
            using (var file = storage.CreateTemporary())
            {
                result = fill(file);
            }

            storage.RenameTemporary();
            storage.FlushDirectory();
            return result;
        }
        catch (StorageWriteException e)
        {
            RemoveTemporary(storage);
            throw e.IsFull
                ? new DatabaseFullException(
                    $"There is no room for a new database at '{storage.Name}': {e.Message} Nothing was created; free "
                    + "some space and try again.",
                    e)
                : new DatabaseAccessException($"The database '{storage.Name}' could not be created: {e.Message}", e);
        }
        catch
        {
            RemoveTemporary(storage);
            throw;
        }
    }

    private static void RemoveTemporary(IStorage storage)
    {
        try
        {
            storage.DeleteTemporary();
        }
        catch (Exception e) when (e is DatabaseException or StorageWriteException)
        {
            // What failed first is what has to be known.
        }
    }
}
