using System.Buffers.Binary;
using Engine.PropertyTests.Model;
using Engine.Storage;

namespace Engine.PropertyTests.Sabotage;

/// <summary>
/// Invariant 21: a chain of backups restores what was backed up, and what is no chain, or not whole, is refused.
/// </summary>
internal static class BackupRules
{
    private const int PageSize = 256;
    private const int HeaderSize = 256;
    private const int ItemSize = 24;
    private const int TrailerSize = 32;

    /// <summary>One commit between two states: what it wrote, and no more, is in the increment.</summary>
    public static void RequireIncrementsToHaveWhatWasWritten()
    {
        using var database = Open();
        var before = database.OpenSnapshot();
        for (byte round = 0; round < 4; round++)
        {
            database.Write(tx => tx.Main.Put([round], new byte[round * 300]));
            using var after = database.OpenSnapshot();
            Require(
                Restores(after.Main.Count, BackUp(before), BackUp(after, before)),
                $"a full backup and round {round} do not restore it");
            before.Dispose();
            before = database.OpenSnapshot();
        }

        before.Dispose();
    }

    public static void RequireChainsToBeInOrder()
    {
        using var database = Open();
        using var first = database.OpenSnapshot();
        database.Write(static tx => tx.Main.Put([1], [1]));
        using var second = database.OpenSnapshot();
        database.Write(static tx => tx.Main.Put([2], [2]));
        using var third = database.OpenSnapshot();
        byte[] full = BackUp(first), middle = BackUp(second, first), last = BackUp(third, second);
        Require(Restores(third.Main.Count, full, middle, last), "a chain is not restored");
        foreach (var wrong in (byte[][][])[[full, last], [full, last, middle], [middle, last], [full, middle, middle]])
        {
            Require(IsRefused(wrong), "links that do not follow each other are taken");
        }
    }

    public static void RequireTheDigestToBeRight()
    {
        using var database = Open();
        using var snapshot = database.OpenSnapshot();
        var full = BackUp(snapshot);
        byte[] without = [.. full[..HeaderSize], .. full[(HeaderSize + ItemSize + PageSize)..]];
        foreach (var offset in (int[])[8, 16])
        {
            var count = without.AsSpan(without.Length - TrailerSize + offset);
            BinaryPrimitives.WriteUInt64LittleEndian(count, BinaryPrimitives.ReadUInt64LittleEndian(count) - 1);
        }

        Require(IsRefused([without]), "a stream without a page, whose counts were mended, is sound");
    }

    private static Database Open()
    {
        var database = EngineHost.OpenInMemory(new OperationProgram(PageSize, []));
        database.Write(static tx =>
        {
            for (byte i = 10; i < 60; i++)
            {
                tx.Main.Put([i], new byte[i]);
            }
        });
        return database;
    }

    private static byte[] BackUp(Snapshot snapshot, Snapshot? since = null)
    {
        using var stream = new MemoryStream();
        snapshot.BackUp(stream, new BackupOptions { Since = since });
        return stream.ToArray();
    }

    private static bool Restores(long entries, params byte[][] chain)
    {
        using var storage = new MemoryStorage();
        return Backup.Restore(chain.Select(static link => new MemoryStream(link)), storage).Entries == entries;
    }

    private static bool IsRefused(byte[][] chain)
    {
        try
        {
            Backup.Verify(chain.Select(static link => new MemoryStream(link)));
            return false;
        }
        catch (BackupException)
        {
            return true;
        }
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new PropertyFailedException(what);
        }
    }
}
