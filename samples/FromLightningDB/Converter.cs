using System.Buffers.Binary;
using Engine;
using FromLightningDB.Original;
using LightningDB;

namespace FromLightningDB;

/// <summary>Moves the data: reads an environment of the original, and makes a database of what it has.</summary>
internal static class Converter
{
    /// <summary>Converts, in one transaction on either side: all of one state, or nothing.</summary>
    /// <param name="directory">The environment. It is only read.</param>
    /// <param name="path">The database. It must not be there yet.</param>
    /// <returns>How many entries were moved.</returns>
    /// <exception cref="IOException">There is something at the path.</exception>
    /// <exception cref="LightningException">The environment cannot be read, or is none of the original.</exception>
    public static long Convert(string directory, string path)
    {
        if (File.Exists(path))
        {
            throw new IOException($"There is something at '{path}' already. Convert into a new file.");
        }

        LmdbLibrary.Require();
        using var environment = new LightningEnvironment(
            directory, new EnvironmentConfiguration { MaxDatabases = 3 });
        environment.Open(EnvironmentOpenFlags.ReadOnly);
        using var from = environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        using var database = Database.Open(path);
        using var to = database.BeginWrite();
        var links = Entries(from, "links");
        long moved = to[to.CreateTree("links")].Load(links);

        using (var loader = to[to.CreateMultiTree("tags", TreeOptions.Counted)].BeginLoad())
        {
            foreach (var (tag, url) in Entries(from, "tags"))
            {
                loader.Add(tag, url);
                moved++;
            }

            loader.Complete();
        }

        // Integers in the byte order of the machine become those of a codec.
        moved += to.Open(to.CreateTree(database.GetTree<int, long>("visits"))).Load(
            Entries(from, "visits").Select(static entry => KeyValuePair.Create(
                BitConverter.ToInt32(entry.Key), BinaryPrimitives.ReadInt64LittleEndian(entry.Value))));
        to.Commit();
        return moved;
    }

    /// <summary>The entries of a database of the environment; of one with duplicates, the pairs.</summary>
    private static IEnumerable<KeyValuePair<byte[], byte[]>> Entries(LightningTransaction transaction, string name)
    {
        using var database = transaction.OpenDatabase(name);
        using var cursor = transaction.CreateCursor(database);
        for (var found = cursor.First(); found.resultCode == MDBResultCode.Success; found = cursor.Next())
        {
            var (_, key, value) = cursor.GetCurrent();
            yield return KeyValuePair.Create(key.CopyToNewArray(), value.CopyToNewArray());
        }
    }
}
